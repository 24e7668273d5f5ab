module rollcall.example/phonestory

go 1.24

require (
	github.com/aws/aws-sdk-go-v2 v1.30.0
	github.com/aws/aws-sdk-go-v2/service/chimesdkidentity v1.20.0
	github.com/aws/smithy-go v1.20.2
)

require (
	github.com/aws/aws-sdk-go-v2/internal/configsources v1.3.12 // indirect
	github.com/aws/aws-sdk-go-v2/internal/endpoints/v2 v2.6.12 // indirect
)
