package tilewright.model.tokenizer;

import java.util.List;

/**
 * What is put around the ids of a text, from the {@code post_processor} of a {@code tokenizer.json}.
 *
 * @param before ids before the text
 * @param behind ids behind it
 */
record HfTemplate(int[] before, int[] behind) {
    private static final List<String> KINDS =
            List.of("Sequence", "TemplateProcessing", "BertProcessing", "RobertaProcessing", "ByteLevel");

    /** Nothing is put around. */
    static final HfTemplate NOTHING = new HfTemplate(new int[0], new int[0]);

    static HfTemplate of(JsonValue json) {
        if (!json.isPresent()) {
            return NOTHING;
        }
        return switch (json.type()) {
            case "Sequence" -> {
                HfTemplate all = NOTHING;
                for (JsonValue part : json.get("processors").elements()) {
                    HfTemplate next = of(part);
                    all = new HfTemplate(joined(next.before, all.before), joined(all.behind, next.behind));
                }
                yield all;
            }
            case "TemplateProcessing" -> template(json);
            case "BertProcessing", "RobertaProcessing" ->
                new HfTemplate(new int[] {pairId(json.get("cls"))}, new int[] {pairId(json.get("sep"))});
            case "ByteLevel" -> NOTHING;
            default -> throw HfKinds.unknown(json, KINDS);
        };
    }

    private static HfTemplate template(JsonValue json) {
        IntList before = new IntList(4);
        IntList behind = new IntList(4);
        boolean text = false;
        for (JsonValue item : json.get("single").elements()) {
            if (item.get("Sequence").isPresent()) {
                if (text) {
                    throw item.failure("is a second place for the text, expected one");
                }
                text = true;
                continue;
            }
            JsonValue special = item.get("SpecialToken");
            if (!special.isPresent()) {
                throw item.unexpected("an object with 'Sequence' or 'SpecialToken'");
            }
            String name = special.get("id").text();
            JsonValue ids = json.get("special_tokens").get(name).get("ids");
            for (JsonValue id : ids.elements()) {
                (text ? behind : before).add(id.count(HfFile.MAX_ID));
            }
        }
        if (!text) {
            throw json.get("single").failure("has no place for the text, expected an object with 'Sequence'");
        }
        return new HfTemplate(before.toArray(), behind.toArray());
    }

    /** The id of ["[CLS]", 101]. */
    private static int pairId(JsonValue json) {
        List<JsonValue> pair = json.elements();
        if (pair.size() != 2) {
            throw json.unexpected("a pair of a token and its id");
        }
        return pair.get(1).count(HfFile.MAX_ID);
    }

    private static int[] joined(int[] first, int[] second) {
        IntList all = new IntList(first.length + second.length);
        all.addAll(first);
        all.addAll(second);
        return all.toArray();
    }
}
