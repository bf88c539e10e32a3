// Prints every record of a segment file as Kafka's own code reads it, one JSON object per line; all octets in hexadecimal.
//
//     java -cp 'jars/*' PrintRecords.java FILE
import java.io.File;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.FileRecords;
import org.apache.kafka.common.record.Record;
import org.apache.kafka.common.record.RecordBatch;

public class PrintRecords {
    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        try (FileRecords records = FileRecords.open(new File(arguments[0]), false)) {
            for (RecordBatch batch : records.batches()) {
                batch.ensureValid();
                for (Record record : batch) print(out, record);
            }
        }
        out.flush();
        if (out.checkError()) throw new IllegalStateException("cannot write the output");
    }

    private static void print(PrintStream out, Record record) {
        record.ensureValid();
        List<String> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            headers.add("[" + hex(header.key().getBytes(StandardCharsets.UTF_8)) + "," + hex(header.value()) + "]");
        }
        out.println("{\"offset\":" + record.offset() + ",\"timestamp\":" + record.timestamp() + ",\"key\":" + hex(octets(record.key()))
                + ",\"value\":" + hex(octets(record.value())) + ",\"headers\":[" + String.join(",", headers) + "]}");
    }

    private static byte[] octets(ByteBuffer buffer) {
        if (buffer == null) return null;
        byte[] octets = new byte[buffer.remaining()];
        buffer.duplicate().get(octets);
        return octets;
    }

    private static String hex(byte[] octets) {
        return octets == null ? "null" : "\"" + HexFormat.of().formatHex(octets) + "\"";
    }
}
