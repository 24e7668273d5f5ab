import com.eatthepath.pushy.apns.ApnsPushNotification;
import com.eatthepath.pushy.apns.server.MockApnsServerBuilder;
import com.eatthepath.pushy.apns.server.ParsingMockApnsServerListenerAdapter;
import com.eatthepath.pushy.apns.server.RejectionReason;
import com.eatthepath.pushy.apns.server.ValidatingPushNotificationHandlerFactory;
import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * APNs as the authors of pushy imitate it: it judges each push by itself. Which device tokens there are, a line of standard input
 * says, and each is answered with a line; what was received is told by lines that begin with a star.
 *
 * <p>Its arguments are files: its certificate, its key, and the certificate of senders, whose UID is their topic. Senders with a
 * provider's token can't come, because the simulator refuses signatures in the form that the standard of JWT says.
 */
public final class ApnsSimulator {
    private static final String TOPIC = "app";

    public static void main(String[] files) throws Exception {
        Set<String> known = ConcurrentHashMap.newKeySet();
        Map<String, Instant> deadSince = new ConcurrentHashMap<>();
        var server = new MockApnsServerBuilder()
                .setServerCredentials(new File(files[0]), new File(files[1]), null)
                .setTrustedClientCertificateChain(new File(files[2]))
                .setUseAlpn(true)
                .setHandlerFactory(
                        new ValidatingPushNotificationHandlerFactory(Map.of(TOPIC, known), deadSince, null, null))
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
                default -> throw new IllegalArgumentException(line);
            }
        }
        server.shutdown().get();
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
            System.out.println("* " + push.getToken() + " " + push.getPayload() + ": " + outcome);
        }
    }
}
