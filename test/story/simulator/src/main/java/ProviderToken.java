import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Base64;

/** A provider's token. Its signature is two numbers of 32 bytes, by the standard of JWT; the simulator's check takes ASN.1 only. */
final class ProviderToken {
    private ProviderToken() {}

    /** The same header, with the same two numbers in ASN.1. */
    static String asTheSimulatorReadsIt(String authorization) {
        int signatureAt = authorization.lastIndexOf('.') + 1;
        byte[] signature = Base64.getUrlDecoder().decode(authorization.substring(signatureAt));
        var numbers = new ByteArrayOutputStream();
        for (int from = 0; from < 64; from += 32) {
            byte[] number = new BigInteger(1, Arrays.copyOfRange(signature, from, from + 32)).toByteArray();
            write(numbers, 0x02, number);
        }
        var sequence = new ByteArrayOutputStream();
        write(sequence, 0x30, numbers.toByteArray());
        String inAsn1 = Base64.getUrlEncoder().withoutPadding().encodeToString(sequence.toByteArray());
        return authorization.substring(0, signatureAt) + inAsn1;
    }

    private static void write(ByteArrayOutputStream out, int tag, byte[] bytes) {
        out.write(tag);
        out.write(bytes.length);
        out.writeBytes(bytes);
    }
}
