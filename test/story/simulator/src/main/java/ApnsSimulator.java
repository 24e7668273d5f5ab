import com.eatthepath.pushy.apns.ApnsPushNotification;
import com.eatthepath.pushy.apns.auth.ApnsVerificationKey;
import com.eatthepath.pushy.apns.server.MockApnsServerBuilder;
import com.eatthepath.pushy.apns.server.ParsingMockApnsServerListenerAdapter;
import com.eatthepath.pushy.apns.server.PushNotificationHandler;
import com.eatthepath.pushy.apns.server.RejectedNotificationException;
import com.eatthepath.pushy.apns.server.RejectionReason;
import com.eatthepath.pushy.apns.server.ValidatingPushNotificationHandlerFactory;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.time.Instant;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * APNs as the authors of pushy imitate it: it judges each push by itself. Which device tokens there are, a line of standard input
 * says, and each is answered with a line; what was received is told by lines that begin with a star.
 *
 * <p>Its arguments are its certificate and its key, and of senders: their public key, its id, their team and their topic.
 */
public final class ApnsSimulator {
    /** What the next pushes are refused with, whatever they are. */
    private static final Queue<RejectionReason> refusals = new ConcurrentLinkedQueue<>();

    public static void main(String[] args) throws Exception {
        Set<String> known = ConcurrentHashMap.newKeySet();
        Map<String, Instant> deadSince = new ConcurrentHashMap<>();
        var key = ApnsVerificationKey.loadFromPkcs8File(new File(args[2]), args[4], args[3]);
        var judges = new ValidatingPushNotificationHandlerFactory(
                Map.of(args[5], known), deadSince, Map.of(args[3], key), Map.of(key, Set.of(args[5])));
        var server = new MockApnsServerBuilder()
                .setServerCredentials(new File(args[0]), new File(args[1]), null)
                .setUseAlpn(true)
                .setHandlerFactory(session -> beforeIt(judges.buildHandler(session)))
                .setListener(new Received())
                .build();
        var lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            switch (words[0]) {
                case "listen" -> System.out.println(server.start(0).get());
                case "good" -> {
                    known.add(words[1]);
                    deadSince.remove(words[1]);
                    System.out.println("ok");
                }
                case "dead" -> {
                    deadSince.put(words[1], Instant.ofEpochMilli(Long.parseLong(words[2])));
                    System.out.println("ok");
                }
                case "refuse" -> {
                    for (int n = Integer.parseInt(words[1]); n > 0; n--) {
                        refusals.add(RejectionReason.valueOf(words[2]));
                    }
                    System.out.println("ok");
                }
                default -> throw new IllegalArgumentException(line);
            }
        }
        server.shutdown().get();
    }

    private static PushNotificationHandler beforeIt(PushNotificationHandler judge) {
        return (headers, payload) -> {
            RejectionReason refusal = refusals.poll();
            if (refusal != null) {
                throw new RejectedNotificationException(refusal);
            }
            CharSequence authorization = headers.get("authorization");
            if (authorization != null) {
                headers.set("authorization", ProviderToken.asTheSimulatorReadsIt(authorization.toString()));
            }
            judge.handlePushNotification(headers, payload);
        };
    }

    private static final class Received extends ParsingMockApnsServerListenerAdapter {
        @Override
        public void handlePushNotificationAccepted(ApnsPushNotification push) {
            tell(push, "delivered");
        }

        @Override
        public void handlePushNotificationRejected(ApnsPushNotification push, RejectionReason reason, Instant since) {
            tell(push, since == null ? reason.name() : reason.name() + ", dead since " + since);
        }

        private static void tell(ApnsPushNotification push, String outcome) {
            System.out.println("* " + push.getToken() + " " + push.getPayload() + named("id", push.getApnsId())
                    + named("collapse id", push.getCollapseId()) + named("expires", push.getExpiration()) + ": " + outcome);
        }

        private static String named(String name, Object value) {
            return value == null ? "" : " " + name + " " + value;
        }
    }
}
