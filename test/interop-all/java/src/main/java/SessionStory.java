import java.net.URI;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.chimesdkidentity.ChimeSdkIdentityClient;
import software.amazon.awssdk.services.chimesdkidentity.model.ChimeSdkIdentityException;

/**
 * Calls with a user's token through the AWS SDK for Java 2, unmodified: the SDK itself fetches credentials for it, and
 * fetches new ones when they have expired. Tells each step and what it came to.
 */
public final class SessionStory {
    /** No token in the file is good for longer, nor is a session that was made of one. */
    private static final Duration LIFE = Duration.ofSeconds(70);

    public static void main(String[] arguments) throws InterruptedException {
        String id = arguments[0];
        // All that it knows of credentials is in the environment.
        AwsCredentialsProvider provider = DefaultCredentialsProvider.builder().build();
        ChimeSdkIdentityClient client = clientOf(provider);
        tell("own user", list(client, id));
        tell("another user", list(client, "another"));

        AwsSessionCredentials session = (AwsSessionCredentials) provider.resolveCredentials();
        tell("altered session", list(clientOf(held(session, altered(session.sessionToken()))), id));

        Thread.sleep(LIFE.plusSeconds(1).toMillis());
        tell("expired session", list(clientOf(held(session, session.sessionToken())), id));
        tell("own user after expiry", list(client, id));
    }

    private static ChimeSdkIdentityClient clientOf(AwsCredentialsProvider provider) {
        return ChimeSdkIdentityClient.builder()
                .endpointOverride(URI.create(System.getenv("ROLLCALL_URL")))
                .region(Region.of(System.getenv("AWS_REGION")))
                .credentialsProvider(provider)
                .overrideConfiguration(override -> override.retryStrategy(retry -> retry.maxAttempts(1)))
                .build();
    }

    private static AwsCredentialsProvider held(AwsSessionCredentials session, String token) {
        return StaticCredentialsProvider.create(
                AwsSessionCredentials.create(session.accessKeyId(), session.secretAccessKey(), token));
    }

    private static String altered(String token) {
        return token.substring(0, token.length() - 4) + (token.endsWith("AAAA") ? "BBBB" : "AAAA");
    }

    /** What a list of a user's endpoints came to: "ok", or the name of an exception. */
    private static String list(ChimeSdkIdentityClient client, String id) {
        String user = "arn:aws:chime:us-east-1:123456789012:app-instance/interop/user/" + id;
        try {
            client.listAppInstanceUserEndpoints(request -> request.appInstanceUserArn(user));
            return "ok";
        } catch (ChimeSdkIdentityException refused) {
            return refused.awsErrorDetails().errorCode();
        }
    }

    private static void tell(String step, String outcome) {
        System.out.println(step + ": " + outcome);
    }
}
