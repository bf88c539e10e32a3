// Builds record batches with Kafka's own MemoryRecordsBuilder. Standard input, a batch a line, octets in hexadecimal, "-" for null:
//
//     NAME BASE-OFFSET TIMESTAMP:KEY:VALUE[:HEADER-NAME=HEADER-VALUE]... ...
//
// Standard output: "NAME BYTES", as in tests/unit/log/golden.txt.
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Scanner;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.MemoryRecordsBuilder;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.record.TimestampType;

public class BuildBatches {
    public static void main(String[] none) {
        Scanner in = new Scanner(System.in, StandardCharsets.UTF_8);
        while (in.hasNextLine()) {
            String[] words = in.nextLine().split(" ");
            System.out.println(words[0] + " " + HexFormat.of().formatHex(batch(words)));
        }
    }

    private static byte[] batch(String[] words) {
        MemoryRecordsBuilder builder = MemoryRecords.builder(ByteBuffer.allocate(1024), RecordBatch.MAGIC_VALUE_V2, Compression.NONE,
                TimestampType.CREATE_TIME, Long.parseLong(words[1]), RecordBatch.NO_TIMESTAMP, RecordBatch.NO_PRODUCER_ID,
                RecordBatch.NO_PRODUCER_EPOCH, RecordBatch.NO_SEQUENCE, false, 0);
        for (int i = 2; i < words.length; ++i) {
            String[] parts = words[i].split(":", -1);
            Header[] headers = new Header[parts.length - 3];
            for (int h = 0; h < headers.length; ++h) {
                String[] header = parts[3 + h].split("=", -1);
                headers[h] = new RecordHeader(new String(octets(header[0]), StandardCharsets.UTF_8), octets(header[1]));
            }
            builder.append(Long.parseLong(parts[0]), octets(parts[1]), octets(parts[2]), headers);
        }
        ByteBuffer built = builder.build().buffer();
        byte[] octets = new byte[built.remaining()];
        built.get(octets);
        return octets;
    }

    private static byte[] octets(String hex) {
        return hex.equals("-") ? null : HexFormat.of().parseHex(hex);
    }
}
