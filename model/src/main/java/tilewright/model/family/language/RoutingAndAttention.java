package tilewright.model.family.language;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import tilewright.model.graph.AttentionSettings;
import tilewright.model.graph.MaskedAttention;
import tilewright.model.graph.Op;
import tilewright.model.graph.RelativeBias;
import tilewright.model.graph.Router;
import tilewright.model.graph.RouterSettings;

/** The two operators with many settings, from the arguments of their functions. */
final class RoutingAndAttention {
    private RoutingAndAttention() {}

    /** Attention over heads whose widths follow from the operands' widths. */
    static Op attention(Arguments a, int queryWidth, int keyWidth, int valueWidth) {
        int heads = a.whole("heads", 1);
        int keyValueHeads = a.has("key_value_heads") ? a.whole("key_value_heads", 1) : heads;
        int perHead = divided(a, "heads", queryWidth, heads);
        divided(a, "key_value_heads", keyWidth, keyValueHeads);
        RelativeBias bias = null;
        if (a.has("bias_table")) {
            int buckets = Math.toIntExact(a.weight("bias_table").shape().getFirst());
            bias = new RelativeBias(buckets, a.whole("max_distance", 1), a.truth("bidirectional"));
        }
        return new MaskedAttention(new AttentionSettings(
                heads,
                keyValueHeads,
                perHead,
                divided(a, "key_value_heads", valueWidth, keyValueHeads),
                a.has("scale") ? a.real("scale") : 1 / Math.sqrt(perHead),
                a.truth("causal"),
                a.has("window") ? a.whole("window", 0) : 0,
                a.has("chunk") ? a.whole("chunk", 0) : 0,
                a.has("softcap") ? a.real("softcap") : 0,
                a.has("slopes") ? Arrays.stream(a.reals("slopes")).boxed().toList() : List.of(),
                bias,
                a.has("sinks")));
    }

    private static int divided(Arguments a, String parameter, int width, int heads) {
        if (width % heads != 0) {
            throw a.wrong(parameter, a.get(parameter), "a divisor of the " + width + " columns of its operand");
        }
        return width / heads;
    }

    /** A router over as many experts as the gate has rows, or as many as there are given scores. */
    static Op router(Arguments a, int width) {
        boolean given = !a.has("gate");
        int experts = given ? width : Math.toIntExact(a.weight("gate").shape().getFirst());
        if (a.has("experts") && a.whole("experts", 1) != experts) {
            throw a.wrong("experts", a.get("experts"), experts + ", as the router's weights have");
        }
        return new Router(new RouterSettings(
                experts,
                a.whole("top_k", 1),
                given ? RouterSettings.Score.GIVEN : RouterSettings.Score.LINEAR,
                choice(RouterSettings.Normalise.class, a, "normalise"),
                RouterSettings.Select.TOP_K,
                a.truth("renormalise"),
                List.of(),
                a.has("bias"),
                new RouterSettings.Selection(
                        a.has("selection_bias"),
                        a.whole("groups", 1),
                        a.whole("kept_groups", 1),
                        choice(RouterSettings.GroupScore.class, a, "group_score"),
                        a.real("jitter")),
                new RouterSettings.Weighting(a.real("norm"), a.real("epsilon"), a.real("minimum"), a.real("scale")),
                new RouterSettings.Capacity(
                        a.whole("capacity", 0), a.real("capacity_fraction"), a.truth("capacity_before_weighting"))));
    }

    /** The constant of an enumeration that is named in lower case. */
    static <E extends Enum<E>> E choice(Class<E> type, Arguments a, String parameter) {
        String name = a.text(parameter);
        for (E constant : type.getEnumConstants()) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(name)) {
                return constant;
            }
        }
        List<String> names = Arrays.stream(type.getEnumConstants())
                .map(constant -> constant.name().toLowerCase(Locale.ROOT))
                .toList();
        throw a.wrong(parameter, a.get(parameter), "one of " + String.join(", ", names));
    }
}
