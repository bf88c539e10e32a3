// Where Kafka's own producer sends keys. Standard input: a key in hexadecimal a line (empty: the empty key). Arguments: partition counts.
// Standard output, a line for each key: its murmur2, then the partition for each count.
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Scanner;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.utils.Utils;

public class PartitionKeys {
    public static void main(String[] counts) {
        Scanner in = new Scanner(System.in, StandardCharsets.UTF_8);
        StringBuilder out = new StringBuilder();
        while (in.hasNextLine()) {
            byte[] key = HexFormat.of().parseHex(in.nextLine());
            out.append(Utils.murmur2(key));
            for (String count : counts) out.append(' ').append(BuiltInPartitioner.partitionForKey(key, Integer.parseInt(count)));
            out.append('\n');
        }
        System.out.print(out);
    }
}
