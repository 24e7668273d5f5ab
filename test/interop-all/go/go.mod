module rollcall.example/phonestory

go 1.24

require (
	github.com/aws/aws-sdk-go-v2 v1.30.0
	github.com/aws/aws-sdk-go-v2/config v1.27.20
	github.com/aws/aws-sdk-go-v2/credentials v1.17.20
	github.com/aws/aws-sdk-go-v2/service/chimesdkidentity v1.20.0
	github.com/aws/smithy-go v1.20.2
)

require (
	github.com/aws/aws-sdk-go-v2/feature/ec2/imds v1.16.7 // indirect
	github.com/aws/aws-sdk-go-v2/internal/configsources v1.3.12 // indirect
	github.com/aws/aws-sdk-go-v2/internal/endpoints/v2 v2.6.12 // indirect
	github.com/aws/aws-sdk-go-v2/internal/ini v1.8.0 // indirect
	github.com/aws/aws-sdk-go-v2/service/internal/accept-encoding v1.11.2 // indirect
	github.com/aws/aws-sdk-go-v2/service/internal/presigned-url v1.11.13 // indirect
	github.com/aws/aws-sdk-go-v2/service/sso v1.21.0 // indirect
	github.com/aws/aws-sdk-go-v2/service/ssooidc v1.25.0 // indirect
	github.com/aws/aws-sdk-go-v2/service/sts v1.29.0 // indirect
)
