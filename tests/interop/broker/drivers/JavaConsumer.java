import java.io.BufferedReader;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.LinkedBlockingQueue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Driver of Kafka's own consumer, of whichever version is on the class path. line_protocol.py says what a driver is. */
public class JavaConsumer {
    private static final ObjectMapper json = new ObjectMapper();
    private static final PrintStream out = new PrintStream(System.out, false);
    private static KafkaConsumer<byte[], byte[]> consumer;

    public static void main(String[] arguments) throws Exception {
        JsonNode profile = json.readTree(new File(arguments[0]));
        String topic = arguments[1];
        String group = arguments[2];
        LinkedBlockingQueue<String> commands = new LinkedBlockingQueue<>();
        Thread reader = new Thread(() -> readInto(commands));
        reader.setDaemon(true);
        reader.start();
        while (true) {
            String command = consumer == null ? commands.take() : commands.poll();
            if (command != null) {
                String[] words = command.split(" ");
                switch (words[0]) {
                    case "consume" -> consume(profile, topic, group);
                    case "seek" -> seek(profile, topic, Long.parseLong(words[1]));
                    case "commit" -> commit();
                    case "leave" -> {
                        commit();
                        consumer.close();
                        say(Map.of("did", "leave"));
                        return;
                    }
                    default -> throw new IllegalArgumentException(command);
                }
            }
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) print(record);
        }
    }

    private static void readInto(LinkedBlockingQueue<String> commands) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in))) {
            for (String line; (line = lines.readLine()) != null;) commands.add(line);
        } catch (Exception error) {
            error.printStackTrace();
        }
        Runtime.getRuntime().halt(1);
    }

    private static Properties settings(JsonNode profile) {
        // [[connect]]
        Properties settings = new Properties();
        settings.put("bootstrap.servers", profile.at("/kafka/bootstrap").asText());
        settings.put("security.protocol", "SASL_SSL");
        settings.put("ssl.truststore.type", "PEM");
        settings.put("ssl.truststore.certificates", profile.at("/kafka/ca").asText());
        settings.put("sasl.mechanism", "PLAIN");
        settings.put("sasl.jaas.config", String.format(
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\";",
                profile.at("/consumer_name").asText(), profile.at("/auth/secret").asText()));
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        // [[/connect]]
        return settings;
    }

    private static KafkaConsumer<byte[], byte[]> connect(Properties settings) {
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static void consume(JsonNode profile, String topic, String group) {
        Properties settings = settings(profile);
        settings.put("group.id", group);
        settings.put("session.timeout.ms", "6000");
        settings.put("heartbeat.interval.ms", "300");
        consumer = connect(settings);
        consumer.subscribe(List.of(topic));
    }

    private static void seek(JsonNode profile, String topic, long time) {
        consumer = connect(settings(profile));
        Map<TopicPartition, Long> times = new HashMap<>();
        consumer.partitionsFor(topic).forEach(found -> times.put(new TopicPartition(topic, found.partition()), time));
        consumer.assign(times.keySet());
        consumer.offsetsForTimes(times).forEach((partition, found) -> {
            if (found == null) consumer.seekToEnd(List.of(partition));
            else consumer.seek(partition, found.offset());
        });
    }

    private static void commit() throws Exception {
        consumer.commitSync();
        say(Map.of("did", "commit"));
    }

    private static String encoded(byte[] octets) { return octets == null ? null : Base64.getEncoder().encodeToString(octets); }

    private static void print(ConsumerRecord<byte[], byte[]> record) throws Exception {
        List<List<String>> headers = new ArrayList<>();
        for (Header header : record.headers()) {
            List<String> pair = new ArrayList<>();
            pair.add(header.key());
            pair.add(encoded(header.value()));
            headers.add(pair);
        }
        Map<String, Object> line = new HashMap<>();
        line.put("partition", record.partition());
        line.put("offset", record.offset());
        line.put("timestamp", record.timestamp());
        line.put("key", encoded(record.key()));
        line.put("value", encoded(record.value()));
        line.put("headers", headers);
        say(line);
    }

    private static void say(Map<String, Object> line) throws Exception {
        out.println(json.writeValueAsString(line));
        out.flush();
    }
}
