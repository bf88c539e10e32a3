// What Kafka's own library says about its protocol, for make_golden.py: java -cp <kafka-clients.jar> KafkaOracle.java RANGES MODE
// RANGES: "1:4-11,2:1-7": keys with the versions that are wanted.
//   schemas   a line for each message and version: its fields with their types, as Kafka's schemas have them
//   errors    a line for each error code: number and name
//   keys      a line for each key: number and name
//   make      for each request and answer a few frames, written through Kafka's schemas: kind, key, version, how made, hexadecimal
//   explain   for each line "kind key version hexadecimal" of the input: the fields as Kafka's generated classes read them, as JSON with
//             sorted names, those of other versions of the range included with their defaults; octets in hexadecimal
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.RequestHeaderData;
import org.apache.kafka.common.message.ResponseHeaderData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.RawTaggedField;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.Struct;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.SimpleRecord;

public class KafkaOracle {
    static final PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);

    record Range(ApiMessageType api, short first, short last) {}

    enum Kind {
        request, response;

        Schema[] schemas(ApiMessageType api) { return this == request ? api.requestSchemas() : api.responseSchemas(); }
        ApiMessage message(ApiMessageType api) { return this == request ? api.newRequest() : api.newResponse(); }
        short headerVersion(ApiMessageType api, short version) {
            return this == request ? api.requestHeaderVersion(version) : api.responseHeaderVersion(version);
        }
        ApiMessage header() { return this == request ? new RequestHeaderData() : new ResponseHeaderData(); }
        List<Schema> headerSchemas() {
            return this == request ? List.of(RequestHeaderData.SCHEMA_1) : List.of(ResponseHeaderData.SCHEMA_0);
        }
    }

    static List<Range> ranges(String text) {
        List<Range> all = new ArrayList<>();
        for (String part : text.split(",")) {
            String[] words = part.split("[:-]");
            all.add(new Range(ApiMessageType.fromApiKey(Short.parseShort(words[0])), Short.parseShort(words[1]), Short.parseShort(words[2])));
        }
        return all;
    }

    // ---- schemas

    static String nameOf(Type type) { return ((Type.DocumentedType) type).typeName(); }

    static String describe(Schema schema) {
        List<String> words = new ArrayList<>();
        for (BoundField field : schema.fields()) {
            if (field.def.type instanceof TaggedFields)
                tagged(field.def.type).forEach((tag, one) -> words.add("tag " + tag + " " + one.name + ":" + describe(one.type)));
            else
                words.add(field.def.name + ":" + describe(field.def.type));
        }
        return "{" + String.join(" ", words) + "}";
    }

    /** The tagged fields that Kafka knows; its library keeps them to itself. */
    @SuppressWarnings("unchecked")
    static Map<Integer, Field> tagged(Type type) {
        try {
            java.lang.reflect.Field member = TaggedFields.class.getDeclaredField("fields");
            member.setAccessible(true);
            return (Map<Integer, Field>) member.get(type);
        } catch (ReflectiveOperationException changed) {
            throw new IllegalStateException(changed);
        }
    }

    static String describe(Type type) {
        if (type instanceof Schema) return describe((Schema) type);
        if (type.arrayElementType().isEmpty()) return nameOf(type);
        return (type.isNullable() ? "NULLABLE_" : "") + nameOf(type) + describe(type.arrayElementType().get());
    }

    static void printSchemas(List<Range> ranges) {
        for (Range range : ranges)
            for (Kind kind : Kind.values())
                for (short version = range.first; version <= range.last; version++)
                    out.println(kind + " " + range.api.apiKey() + " " + version + " header " + kind.headerVersion(range.api, version) + " "
                                + describe(kind.schemas(range.api)[version]));
    }

    // ---- make

    static final Random random = new Random(18);  // the same frames each time

    enum How { empty, full, unknown_tags }

    static String text() {
        String[] words = {"shop", "incoming.shop", "größe", "a-b_c.d", "x"};
        return words[random.nextInt(words.length)] + random.nextInt(100);
    }

    static Object make(Type type, How how) {
        if (type instanceof Schema) return make((Schema) type, how);
        if (type instanceof TaggedFields) {
            TreeMap<Integer, Object> tags = new TreeMap<>();
            if (how == How.full) tagged(type).forEach((tag, field) -> tags.put(tag, make(field.type, how)));
            if (how == How.unknown_tags) {
                tags.put(200, new RawTaggedField(200, new byte[] {1, 2, 3}));
                tags.put(70000, new RawTaggedField(70000, new byte[0]));
            }
            return tags;
        }
        boolean isEmpty = how == How.empty;
        if (isEmpty && type.isNullable() && !nameOf(type).endsWith("RECORDS")) return null;
        if (type.arrayElementType().isPresent()) {
            Object[] elements = new Object[isEmpty ? 0 : 2];
            Arrays.setAll(elements, i -> make(type.arrayElementType().get(), how));
            return elements;
        }
        switch (nameOf(type)) {
            case "BOOLEAN": return random.nextBoolean();
            case "INT8": return (byte) random.nextInt();
            case "INT16": return (short) random.nextInt();
            case "INT32": return random.nextInt();
            case "INT64": return random.nextLong();
            case "RECORDS":
                return isEmpty ? MemoryRecords.EMPTY
                               : MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(1_700_000_000_000L, text().getBytes()));
            case "BYTES": case "COMPACT_BYTES": {
                byte[] octets = new byte[isEmpty ? 0 : 5];
                random.nextBytes(octets);
                return ByteBuffer.wrap(octets);
            }
            default: return isEmpty ? "" : text();  // all kinds of strings; another type fails in Struct
        }
    }

    static Struct make(Schema schema, How how) {
        Struct struct = new Struct(schema);
        for (BoundField field : schema.fields()) struct.set(field, make(field.def.type, how));
        return struct;
    }

    static void makeFrames(List<Range> ranges) {
        for (Range range : ranges)
            for (Kind kind : Kind.values())
                for (short version = range.first; version <= range.last; version++)
                    for (How how : How.values()) makeFrame(range.api, kind, version, how);
    }

    static void makeFrame(ApiMessageType api, Kind kind, short version, How how) {
        short headerVersion = kind.headerVersion(api, version);
        Schema schema = kind.schemas(api)[version];
        boolean isFlexible = schema.fields().length > 0 && schema.fields()[schema.fields().length - 1].def.type instanceof TaggedFields;
        if (how == How.unknown_tags && !isFlexible) return;
        if (how == How.full && schema.fields().length == 0) return;
        Struct header = make(kind == Kind.request ? RequestHeaderData.SCHEMAS[headerVersion] : ResponseHeaderData.SCHEMAS[headerVersion], how);
        if (kind == Kind.request) header.set("request_api_key", api.apiKey()).set("request_api_version", version);
        Struct body = make(schema, how);
        ByteBuffer frame = ByteBuffer.allocate(header.sizeOf() + body.sizeOf());
        header.writeTo(frame);
        body.writeTo(frame);
        out.println(kind + " " + api.apiKey() + " " + version + " made-" + how + " " + HexFormat.of().formatHex(frame.array()));
    }

    // ---- explain

    static String camel(String name) {
        String[] words = name.split("_");
        return words[0] + Arrays.stream(words).skip(1).map(word -> word.substring(0, 1).toUpperCase() + word.substring(1))
            .collect(Collectors.joining());
    }

    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char letter : text.toCharArray()) {
            if (letter == '"' || letter == '\\') quoted.append('\\').append(letter);
            else if (letter < ' ') quoted.append(String.format("\\u%04x", (int) letter));
            else quoted.append(letter);
        }
        return quoted.append('"').toString();
    }

    static String hex(ByteBuffer octets) {
        byte[] copy = new byte[octets.remaining()];
        octets.duplicate().get(copy);
        return quoted(HexFormat.of().formatHex(copy));
    }

    /** `schemas`: those of all versions wanted, at this place of the message. */
    static String json(Object value, List<Schema> schemas) throws ReflectiveOperationException {
        if (value == null || value instanceof Number || value instanceof Boolean) return String.valueOf(value);
        if (value instanceof String) return quoted((String) value);
        if (value instanceof byte[]) return hex(ByteBuffer.wrap((byte[]) value));
        if (value instanceof ByteBuffer) return hex((ByteBuffer) value);
        if (value instanceof MemoryRecords) return hex(((MemoryRecords) value).buffer());
        List<String> parts = new ArrayList<>();
        if (value instanceof Collection) {
            for (Object element : (Collection<?>) value) parts.add(json(element, schemas));
            return "[" + String.join(",", parts) + "]";
        }
        Map<String, List<Schema>> fields = new TreeMap<>();
        for (Schema schema : schemas)
            for (BoundField field : schema.fields())
                if (field.def.type instanceof TaggedFields) tagged(field.def.type).values().forEach(one -> addNested(fields, one));
                else addNested(fields, field.def);
        for (Map.Entry<String, List<Schema>> field : fields.entrySet()) {
            Object content = value.getClass().getMethod(camel(field.getKey())).invoke(value);
            parts.add(quoted(field.getKey()) + ":" + json(content, field.getValue()));
        }
        return "{" + String.join(",", parts) + "}";
    }

    static void addNested(Map<String, List<Schema>> fields, Field field) {
        List<Schema> nested = fields.computeIfAbsent(field.name, name -> new ArrayList<>());
        Type type = field.type.arrayElementType().orElse(field.type);
        if (type instanceof Schema) nested.add((Schema) type);
    }

    static void explain(List<Range> ranges, String[] words) throws ReflectiveOperationException {
        Kind kind = Kind.valueOf(words[0]);
        Range range = ranges.stream().filter(one -> one.api.apiKey() == Short.parseShort(words[1])).findFirst().get();
        short version = Short.parseShort(words[2]);
        ByteBuffer frame = ByteBuffer.wrap(HexFormat.of().parseHex(words[3]));
        ApiMessage header = kind.header();
        header.read(new ByteBufferAccessor(frame), kind.headerVersion(range.api, version));
        ApiMessage body = kind.message(range.api);
        body.read(new ByteBufferAccessor(frame), version);
        if (frame.hasRemaining()) throw new IllegalArgumentException("left over: " + String.join(" ", words));
        List<Schema> schemas = Arrays.asList(kind.schemas(range.api)).subList(range.first, range.last + 1);
        out.println("{\"body\":" + json(body, schemas) + ",\"header\":" + json(header, kind.headerSchemas()) + "}");
    }

    public static void main(String[] arguments) throws Exception {
        List<Range> ranges = ranges(arguments[0]);
        switch (arguments[1]) {
            case "schemas": printSchemas(ranges); break;
            case "errors": for (Errors error : Errors.values()) out.println(error.code() + " " + error.name()); break;
            case "keys": for (Range range : ranges) out.println(range.api.apiKey() + " " + range.api.name); break;
            case "make": makeFrames(ranges); break;
            default:
                BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
                for (String line = lines.readLine(); line != null; line = lines.readLine()) explain(ranges, line.split(" "));
        }
        out.flush();
    }
}
