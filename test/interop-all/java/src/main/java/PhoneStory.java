import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.chimesdkidentity.ChimeSdkIdentityClient;
import software.amazon.awssdk.services.chimesdkidentity.model.AllowMessages;
import software.amazon.awssdk.services.chimesdkidentity.model.AppInstanceUserEndpoint;
import software.amazon.awssdk.services.chimesdkidentity.model.AppInstanceUserEndpointType;
import software.amazon.awssdk.services.chimesdkidentity.model.ChimeSdkIdentityException;
import software.amazon.awssdk.services.chimesdkidentity.model.EndpointStatus;
import software.amazon.awssdk.services.chimesdkidentity.model.ListAppInstanceUserEndpointsResponse;

/** Lives a phone's life through the AWS SDK for Java 2, unmodified, and tells each step and what it came to. */
public final class PhoneStory {
    private static final String DEVICE_TOKEN = "  dévice/+=😀 ";
    private static final String RESOURCE = "arn:aws:mobiletargeting:us-east-1:123456789012:apps/interop";

    private final ChimeSdkIdentityClient client;
    private final String user;

    private PhoneStory(String url, String key, String secret, String user) {
        this.client = ChimeSdkIdentityClient.builder()
                .endpointOverride(URI.create(url))
                .region(Region.of(System.getenv("AWS_REGION")))
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create(key, secret)))
                // Each call is tried once, so that a refusal is seen as it is.
                .overrideConfiguration(override -> override.retryStrategy(retry -> retry.maxAttempts(1)))
                .build();
        this.user = user;
    }

    public static void main(String[] arguments) {
        String user = "arn:aws:chime:us-east-1:123456789012:app-instance/interop/user/" + arguments[0];
        String url = System.getenv("ROLLCALL_URL");
        String key = System.getenv("AWS_ACCESS_KEY_ID");
        String secret = System.getenv("AWS_SECRET_ACCESS_KEY");
        new PhoneStory(url, key, secret, user).live();

        PhoneStory alice = new PhoneStory(
                url, System.getenv("ALICE_ACCESS_KEY_ID"), System.getenv("ALICE_SECRET_ACCESS_KEY"), user);
        tell("a key for alice only", () -> alice.list(50, null).toString());
        PhoneStory forger = new PhoneStory(url, key, "another", user);
        tell("another secret", () -> forger.list(50, null).toString());
        PhoneStory stranger = new PhoneStory(System.getenv("ROLLCALL_CLOSED_URL"), key, secret, user);
        tell("nobody known", () -> stranger.list(50, null).toString());
    }

    private void live() {
        String id = register(DEVICE_TOKEN, "install");
        tell("install", () -> "ok");
        tell("retry", () -> register(DEVICE_TOKEN, "install").equals(id) ? "the same endpoint" : "another endpoint");
        tellNaming("relaunch", id, () -> register(DEVICE_TOKEN, "relaunch"));
        tell("describe", () -> isRegistered(describe(id), id) ? "as registered" : "not as registered");
        tell("mute", () -> update(id, AllowMessages.NONE));
        tell("describe muted", () -> describe(id).allowMessagesAsString());
        tell("reinstall", () -> register("a new device token", "reinstall").isEmpty() ? "no id" : "ok");
        tell("list", () -> list(50, null).appInstanceUserEndpoints().size() + " endpoints");

        tell("fill", () -> {
            for (int n = 2; n < 10; n++) {
                register("device " + n, "request-" + n);
            }
            return list(50, null).appInstanceUserEndpoints().size() + " endpoints";
        });
        tell("one more", () -> register("one more", "one-more"));
        tell("list by 4", () -> pages(4));
        tell("made-up page token", () -> list(50, "made-up").toString());

        tell("deregister", () -> deregister(id));
        tell("deregister again", () -> deregister(id));
        tell("describe what is gone", () -> describe(id).toString());
        tell("update what is gone", () -> update(id, AllowMessages.ALL));
        tellNaming("late retry", id, () -> register(DEVICE_TOKEN, "install"));
        tell("register again", () -> register(DEVICE_TOKEN, "again").isEmpty() ? "no id" : "ok");
        tell("too many calls", () -> {
            for (int calls = 0; calls < 500; calls++) {
                list(50, null);
            }
            return "all served";
        });
    }

    private String register(String deviceToken, String requestToken) {
        return client.registerAppInstanceUserEndpoint(request -> request
                .appInstanceUserArn(user)
                .type(AppInstanceUserEndpointType.APNS)
                .resourceArn(RESOURCE)
                .endpointAttributes(attributes -> attributes.deviceToken(deviceToken))
                .clientRequestToken(requestToken)
                .name("Ada's phone")).endpointId();
    }

    private AppInstanceUserEndpoint describe(String id) {
        return client.describeAppInstanceUserEndpoint(request -> request.appInstanceUserArn(user).endpointId(id))
                .appInstanceUserEndpoint();
    }

    private ListAppInstanceUserEndpointsResponse list(int max, String token) {
        return client.listAppInstanceUserEndpoints(
                request -> request.appInstanceUserArn(user).maxResults(max).nextToken(token));
    }

    private String pages(int max) {
        List<String> sizes = new ArrayList<>();
        String token = null;
        do {
            ListAppInstanceUserEndpointsResponse page = list(max, token);
            sizes.add(String.valueOf(page.appInstanceUserEndpoints().size()));
            token = page.nextToken();
        } while (token != null);
        return String.join(", ", sizes);
    }

    private String update(String id, AllowMessages allowMessages) {
        client.updateAppInstanceUserEndpoint(
                request -> request.appInstanceUserArn(user).endpointId(id).allowMessages(allowMessages));
        return "ok";
    }

    private String deregister(String id) {
        client.deregisterAppInstanceUserEndpoint(request -> request.appInstanceUserArn(user).endpointId(id));
        return "ok";
    }

    private static boolean isRegistered(AppInstanceUserEndpoint endpoint, String id) {
        return id.equals(endpoint.endpointId())
                && "Ada's phone".equals(endpoint.name())
                && DEVICE_TOKEN.equals(endpoint.endpointAttributes().deviceToken())
                && endpoint.endpointState().status() == EndpointStatus.ACTIVE
                && endpoint.createdTimestamp().equals(endpoint.lastUpdatedTimestamp());
    }

    private static void tell(String step, Supplier<String> call) {
        tellNaming(step, null, call);
    }

    /** Tells what a call came to: its own words, or the exception's name and whether it names an endpoint. */
    private static void tellNaming(String step, String id, Supplier<String> call) {
        String outcome;
        try {
            outcome = call.get();
        } catch (ChimeSdkIdentityException exception) {
            boolean isTyped = exception.getClass() != ChimeSdkIdentityException.class;
            String name = isTyped
                    ? exception.getClass().getSimpleName()
                    : exception.awsErrorDetails().errorCode() + " (untyped)";
            boolean isNaming = id != null && exception.getMessage().contains(id);
            outcome = isNaming ? name + ", which names the endpoint" : name;
        }
        System.out.println(step + ": " + outcome);
    }
}
