package tilewright.model.tokenizer;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import tilewright.model.InvalidInputException;

/**
 * A tokenizer from {@code tokenizer.json}: added tokens, normalizer, pre-tokenizer, model, post-processor and decoder,
 * each as the file describes it.
 */
final class HfTokenizer implements Tokenizer {
    private static final int MAX_STEPS = 64;
    /** How many ids may be left out, beyond as many as there are. */
    private static final int MAX_GAP = 1 << 16;

    private final TokenMap tokens;
    private final HfAddedTokens added;
    private final UnaryOperator<String> normalizer;
    private final HfPieces pieces;
    /** Whether words still have to be turned from bytes into letters. */
    private final boolean letters;

    private final HfModel model;
    private final UnaryOperator<List<String>> decoder;
    private final HfTemplate template;
    private final WordCache cache = new WordCache();
    private final int size;
    private final int bos;
    private final int eos;
    private final int eot;
    private final int[] ends;

    private HfTokenizer(HfFile file, HfConfig config) {
        JsonValue root = file.root();
        int count = file.tokens().size();
        this.tokens = new TokenMap(count);
        for (int i = 0; i < count; i++) {
            if (file.ids()[i] > 2L * count + MAX_GAP) {
                throw root.failure(
                        "gives " + InvalidInputException.quoted(file.tokens().get(i)) + " the id "
                                + file.ids()[i] + " in a vocabulary of " + count
                                + " tokens; the file is damaged, fetch it again");
            }
            if (tokens.text(file.ids()[i]) != null) {
                throw root.failure(
                        "gives two tokens the id " + file.ids()[i] + "; the file is damaged, fetch it again");
            }
            tokens.put(file.tokens().get(i), file.ids()[i]);
        }
        this.normalizer = HfNormalizers.of(root.get("normalizer"));
        this.added = new HfAddedTokens(root.get("added_tokens"), normalizer);
        List<HfPieces> steps = new ArrayList<>(HfPreTokenizers.of(root.get("pre_tokenizer")));
        long byteSteps =
                steps.stream().filter(step -> step == HfPreTokenizers.LETTERS).count();
        if (steps.size() > MAX_STEPS || byteSteps > 1) {
            throw root.get("pre_tokenizer")
                    .failure("has " + steps.size() + " steps, " + byteSteps + " of them ByteLevel, expected at most "
                            + MAX_STEPS + " and 1");
        }
        this.letters = !steps.isEmpty() && steps.getLast() == HfPreTokenizers.LETTERS;
        if (letters) {
            steps.removeLast();
        }
        this.pieces = HfPieces.sequence(steps);
        this.model = HfModel.of(file, tokens);
        this.decoder = HfDecoders.of(root.get("decoder"));
        this.size = Math.max(tokens.size(), added.size());
        this.bos = id(config, "bos_token");
        this.eos = id(config, "eos_token");
        this.eot = EndTokens.turn(added::id);
        int[] named = Arrays.stream(config.ids("eos_token_id"))
                .filter(id -> id < size)
                .toArray();
        this.ends = EndTokens.all(added::id, joined(named, eos, eot));
        this.template = inVocabulary(template(root.get("post_processor"), config), root);
    }

    /** Reads a folder with {@code tokenizer.json} and, where they are, the files that say which token is which. */
    static HfTokenizer load(Path folder) {
        return new HfTokenizer(HfFile.read(folder.resolve("tokenizer.json")), new HfConfig(folder));
    }

    private int id(HfConfig config, String role) {
        Optional<String> token = config.token(role);
        if (token.isPresent() && idOf(token.get()).isPresent()) {
            return idOf(token.get()).getAsInt();
        }
        int[] ids = config.ids(role + "_id");
        return ids.length > 0 && ids[0] < size ? ids[0] : TokenMap.NONE;
    }

    /** Where the configuration says whether the ends of a text are marked, that goes before the post-processor. */
    private HfTemplate template(JsonValue json, HfConfig config) {
        Optional<Boolean> addsBos = config.flag("add_bos_token");
        Optional<Boolean> addsEos = config.flag("add_eos_token");
        if (addsBos.isEmpty() && addsEos.isEmpty()) {
            return HfTemplate.of(json);
        }
        int[] before = addsBos.orElse(false) && bos >= 0 ? new int[] {bos} : new int[0];
        int[] behind = addsEos.orElse(false) && eos >= 0 ? new int[] {eos} : new int[0];
        return new HfTemplate(before, behind);
    }

    private HfTemplate inVocabulary(HfTemplate given, JsonValue root) {
        for (int id : joined(given.before(), given.behind())) {
            if (id >= size) {
                throw root.get("post_processor")
                        .failure("adds the id " + id + ", expected less than " + size + ", the size of the vocabulary");
            }
        }
        return given;
    }

    private static int[] joined(int[] first, int... second) {
        int[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        String wellFormed = Characters.wellFormed(text);
        IntList ids = new IntList(wellFormed.length() / 3);
        if (addSpecial) {
            ids.addAll(template.before());
        }
        added.split(wellFormed, normalizer, parseSpecial, (part, first, id) -> {
            if (id >= 0) {
                ids.add(id);
            } else if (!part.isEmpty()) {
                pieces.apply(
                        new HfPieces.Piece(part, first),
                        piece -> ids.addAll(cache.get(piece.text(), this::encodeWord)));
            }
        });
        if (addSpecial) {
            ids.addAll(template.behind());
        }
        return ids.toArray();
    }

    private int[] encodeWord(String word) {
        IntList ids = new IntList(word.length());
        model.encode(letters ? ByteLetters.encode(word) : word, ids);
        return ids.toArray();
    }

    @Override
    public String decode(int[] ids, boolean keepSpecial) {
        List<String> texts = new ArrayList<>(ids.length);
        for (int id : ids) {
            String text = tokenText(id);
            if (!text.isEmpty() && (keepSpecial || !added.isSpecial(id))) {
                texts.add(text);
            }
        }
        return String.join("", decoder.apply(texts));
    }

    @Override
    public int vocabularySize() {
        return size;
    }

    @Override
    public String tokenText(int id) {
        if (id < 0 || id >= size) {
            throw new IllegalArgumentException("token id " + id + " is not in the vocabulary of " + size);
        }
        String text = added.content(id);
        text = text == null ? tokens.text(id) : text;
        return text == null ? "" : text;
    }

    @Override
    public OptionalInt idOf(String tokenText) {
        int id = added.id(tokenText);
        return optional(id >= 0 ? id : tokens.id(tokenText));
    }

    @Override
    public OptionalInt bos() {
        return optional(bos);
    }

    @Override
    public OptionalInt eos() {
        return optional(eos);
    }

    @Override
    public OptionalInt eot() {
        return optional(eot);
    }

    @Override
    public int[] endIds() {
        return ends.clone();
    }

    @Override
    public boolean isSpecial(int id) {
        tokenText(id);
        return added.isSpecial(id);
    }

    private static OptionalInt optional(int id) {
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }
}
