// Lives a phone's life through the AWS SDK for Go 2, unmodified, and tells each step and what it came to.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/chimesdkidentity"
	"github.com/aws/aws-sdk-go-v2/service/chimesdkidentity/types"
	"github.com/aws/smithy-go"
)

const deviceToken = "  dévice/+=😀 "

var ctx = context.Background()

// phone is a phone of one user.
type phone struct {
	client *chimesdkidentity.Client
	user   *string
}

func main() {
	user := aws.String("arn:aws:chime:us-east-1:123456789012:app-instance/interop/user/" + os.Args[1])
	url, key, secret := os.Getenv("ROLLCALL_URL"), os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY")
	p := phone{clientOf(url, key, secret), user}

	id, err := p.register(deviceToken, "install")
	tell("install", ok(err))
	again, err := p.register(deviceToken, "install")
	tell("retry", when(err, again == id, "the same endpoint"))
	_, err = p.register(deviceToken, "relaunch")
	tell("relaunch", naming(err, id))
	endpoint, err := p.describe(id)
	tell("describe", when(err, isRegistered(endpoint, id), "as registered"))
	tell("mute", ok(p.update(id, types.AllowMessagesNone)))
	endpoint, err = p.describe(id)
	tell("describe muted", when(err, true, string(endpoint.AllowMessages)))
	_, err = p.register("a new device token", "reinstall")
	tell("reinstall", ok(err))
	listed, _, err := p.list(50, nil)
	tell("list", when(err, true, fmt.Sprint(listed, " endpoints")))

	for n := listed; n < 10 && err == nil; n++ {
		_, err = p.register(fmt.Sprint("device ", n), fmt.Sprint("request-", n))
	}
	listed, _, _ = p.list(50, nil)
	tell("fill", when(err, true, fmt.Sprint(listed, " endpoints")))
	_, err = p.register("one more", "one-more")
	tell("one more", ok(err))
	tell("list by 4", p.pages(4))
	_, _, err = p.list(50, aws.String("made-up"))
	tell("made-up page token", ok(err))

	tell("deregister", ok(p.deregister(id)))
	tell("deregister again", ok(p.deregister(id)))
	_, err = p.describe(id)
	tell("describe what is gone", ok(err))
	tell("update what is gone", ok(p.update(id, types.AllowMessagesAll)))
	_, err = p.register(deviceToken, "install")
	tell("late retry", naming(err, id))
	_, err = p.register(deviceToken, "again")
	tell("register again", ok(err))

	err = nil
	for calls := 0; calls < 500 && err == nil; calls++ {
		_, _, err = p.list(50, nil)
	}
	tell("too many calls", ok(err))

	alice := clientOf(url, os.Getenv("ALICE_ACCESS_KEY_ID"), os.Getenv("ALICE_SECRET_ACCESS_KEY"))
	_, _, err = phone{alice, user}.list(50, nil)
	tell("a key for alice only", ok(err))
	_, _, err = phone{clientOf(url, key, "another"), user}.list(50, nil)
	tell("another secret", ok(err))
	_, _, err = phone{clientOf(os.Getenv("ROLLCALL_CLOSED_URL"), key, secret), user}.list(50, nil)
	tell("nobody known", ok(err))
}

// clientOf answers a client that tries each call once, so that a refusal is seen as it is.
func clientOf(url, key, secret string) *chimesdkidentity.Client {
	return chimesdkidentity.New(chimesdkidentity.Options{
		BaseEndpoint:     aws.String(url),
		Region:           os.Getenv("AWS_REGION"),
		RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: key, SecretAccessKey: secret}, nil
		}),
	})
}

func (p phone) register(deviceToken, requestToken string) (string, error) {
	output, err := p.client.RegisterAppInstanceUserEndpoint(ctx, &chimesdkidentity.RegisterAppInstanceUserEndpointInput{
		AppInstanceUserArn: p.user,
		Type:               types.AppInstanceUserEndpointTypeApns,
		ResourceArn:        aws.String("arn:aws:mobiletargeting:us-east-1:123456789012:apps/interop"),
		EndpointAttributes: &types.EndpointAttributes{DeviceToken: &deviceToken},
		ClientRequestToken: &requestToken,
		Name:               aws.String("Ada's phone"),
	})
	if err != nil {
		return "", err
	}
	return *output.EndpointId, nil
}

func (p phone) describe(id string) (types.AppInstanceUserEndpoint, error) {
	output, err := p.client.DescribeAppInstanceUserEndpoint(ctx, &chimesdkidentity.DescribeAppInstanceUserEndpointInput{
		AppInstanceUserArn: p.user,
		EndpointId:         &id,
	})
	if err != nil {
		return types.AppInstanceUserEndpoint{}, err
	}
	return *output.AppInstanceUserEndpoint, nil
}

// list answers how many endpoints are on a page, and the token of the next.
func (p phone) list(max int32, token *string) (int, *string, error) {
	output, err := p.client.ListAppInstanceUserEndpoints(ctx, &chimesdkidentity.ListAppInstanceUserEndpointsInput{
		AppInstanceUserArn: p.user,
		MaxResults:         &max,
		NextToken:          token,
	})
	if err != nil {
		return 0, nil, err
	}
	return len(output.AppInstanceUserEndpoints), output.NextToken, nil
}

func (p phone) pages(max int32) string {
	var sizes []string
	for token := aws.String(""); token != nil; {
		size, next, err := p.list(max, token)
		if err != nil {
			return name(err)
		}
		sizes, token = append(sizes, fmt.Sprint(size)), next
	}
	return strings.Join(sizes, ", ")
}

func (p phone) update(id string, allow types.AllowMessages) error {
	_, err := p.client.UpdateAppInstanceUserEndpoint(ctx, &chimesdkidentity.UpdateAppInstanceUserEndpointInput{
		AppInstanceUserArn: p.user,
		EndpointId:         &id,
		AllowMessages:      allow,
	})
	return err
}

func (p phone) deregister(id string) error {
	_, err := p.client.DeregisterAppInstanceUserEndpoint(ctx, &chimesdkidentity.DeregisterAppInstanceUserEndpointInput{
		AppInstanceUserArn: p.user,
		EndpointId:         &id,
	})
	return err
}

func isRegistered(endpoint types.AppInstanceUserEndpoint, id string) bool {
	return aws.ToString(endpoint.EndpointId) == id &&
		aws.ToString(endpoint.Name) == "Ada's phone" &&
		endpoint.EndpointAttributes != nil && aws.ToString(endpoint.EndpointAttributes.DeviceToken) == deviceToken &&
		endpoint.EndpointState != nil && endpoint.EndpointState.Status == types.EndpointStatusActive &&
		endpoint.CreatedTimestamp != nil && endpoint.CreatedTimestamp.Equal(*endpoint.LastUpdatedTimestamp)
}

func tell(step, outcome string) {
	fmt.Printf("%s: %s\n", step, outcome)
}

func ok(err error) string {
	return when(err, true, "ok")
}

// when answers a text if a call succeeded with what it should have, and otherwise what went wrong.
func when(err error, holds bool, text string) string {
	switch {
	case err != nil:
		return name(err)
	case !holds:
		return "not " + text
	default:
		return text
	}
}

func naming(err error, id string) string {
	if err != nil && strings.Contains(err.Error(), id) {
		return name(err) + ", which names the endpoint"
	}
	return ok(err)
}

// name answers the name of an exception, and whether the SDK has raised it as a type of its own.
func name(err error) string {
	var generic *smithy.GenericAPIError
	if errors.As(err, &generic) {
		return generic.Code + " (untyped)"
	}
	var modeled smithy.APIError
	if errors.As(err, &modeled) {
		return reflect.TypeOf(modeled).Elem().Name()
	}
	return err.Error()
}
