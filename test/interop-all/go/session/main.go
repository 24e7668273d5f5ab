// Calls with a user's token through the AWS SDK for Go 2, unmodified: the SDK itself fetches credentials for it, and
// fetches new ones when they have expired. Tells each step and what it came to.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/chimesdkidentity"
	"github.com/aws/smithy-go"
)

// life is how long a token in the file is good at the most, and so a session that was made of one.
const life = 70 * time.Second

var ctx = context.Background()

func main() {
	id := os.Args[1]
	// All that it knows of credentials is in the environment.
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRetryMaxAttempts(1))
	if err != nil {
		panic(err)
	}
	client := clientOf(cfg, cfg.Credentials)
	tell("own user", list(client, id))
	tell("another user", list(client, "another"))

	session, err := cfg.Credentials.Retrieve(ctx)
	if err != nil {
		panic(err)
	}
	tell("altered session", list(clientOf(cfg, static(session, altered(session.SessionToken))), id))

	time.Sleep(life + time.Second)
	tell("expired session", list(clientOf(cfg, static(session, session.SessionToken)), id))
	tell("own user after expiry", list(client, id))
}

func clientOf(cfg aws.Config, provider aws.CredentialsProvider) *chimesdkidentity.Client {
	return chimesdkidentity.NewFromConfig(cfg, func(options *chimesdkidentity.Options) {
		options.BaseEndpoint = aws.String(os.Getenv("ROLLCALL_URL"))
		options.Credentials = provider
	})
}

func static(session aws.Credentials, token string) aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(session.AccessKeyID, session.SecretAccessKey, token)
}

func altered(token string) string {
	start, end := token[:len(token)-4], "AAAA"
	if strings.HasSuffix(token, end) {
		end = "BBBB"
	}
	return start + end
}

// list answers what a list of a user's endpoints came to: "ok", or the name of an exception.
func list(client *chimesdkidentity.Client, id string) string {
	_, err := client.ListAppInstanceUserEndpoints(ctx, &chimesdkidentity.ListAppInstanceUserEndpointsInput{
		AppInstanceUserArn: aws.String("arn:aws:chime:us-east-1:123456789012:app-instance/interop/user/" + id),
	})
	var refused smithy.APIError
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &refused):
		return refused.ErrorCode()
	default:
		return err.Error()
	}
}

func tell(step, outcome string) {
	fmt.Printf("%s: %s\n", step, outcome)
}
