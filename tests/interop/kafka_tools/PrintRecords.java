// Prints every record of segment files as Kafka's own code reads it, one JSON object per line; all octets in hexadecimal. `file` counts the
// arguments from 0, `batch` is the base offset of the record's batch. Exit code 1 where Kafka finds a batch invalid.
//
//     java -cp 'jars/*' PrintRecords.java FILE...
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.FileRecords;
import org.apache.kafka.common.record.Record;
import org.apache.kafka.common.record.RecordBatch;

public class PrintRecords {
    public static void main(String[] paths) throws Exception {
        PrintStream out = new PrintStream(new BufferedOutputStream(System.out), false, StandardCharsets.UTF_8);
        try {
            for (int file = 0; file < paths.length; ++file) print(out, file, new File(paths[file]));
        } catch (KafkaException refused) {
            System.err.println(refused);
            System.exit(1);
        }
        out.flush();
        if (out.checkError()) throw new IllegalStateException("cannot write the output");
    }

    private static void print(PrintStream out, int file, File path) throws Exception {
        try (FileRecords records = FileRecords.open(path, false)) {
            for (RecordBatch batch : records.batches()) {
                batch.ensureValid();
                for (Record record : batch) print(out, "{\"file\":" + file + ",\"batch\":" + batch.baseOffset(), record);
            }
        }
    }

    private static void print(PrintStream out, String begin, Record record) {
        record.ensureValid();
        List<String> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            headers.add("[" + hex(header.key().getBytes(StandardCharsets.UTF_8)) + "," + hex(header.value()) + "]");
        }
        out.println(begin + ",\"offset\":" + record.offset() + ",\"timestamp\":" + record.timestamp()
                + ",\"key\":" + hex(octets(record.key()))
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
