package tilewright.model.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import tilewright.model.InvalidInputException;

/** What the tokenizers of GGUF vocabularies have in common: special tokens, the ends of a text, decoding. */
abstract class GgufTokenizer implements Tokenizer {
    static final char SPACE_MARK = '\u2581';

    final GgufVocabulary vocabulary;
    final TokenMap tokens;
    private final SpecialTokens special;
    private final boolean[] control;
    private final int bos;
    private final int eos;
    private final int eot;
    private final int[] ends;
    private final int[] before;
    private final int[] behind;
    private final boolean dropsFirstSpace;

    /** What the kinds of vocabularies differ in where a file does not say. */
    record Defaults(int bos, int eos, int sep, boolean addBos, boolean addEos, boolean addSep, boolean spacePrefix) {}

    GgufTokenizer(GgufVocabulary vocabulary, Defaults defaults) {
        this.vocabulary = vocabulary;
        this.tokens = new TokenMap(vocabulary.tokens().length);
        for (int id = 0; id < vocabulary.tokens().length; id++) {
            tokens.put(vocabulary.tokens()[id], id);
        }
        this.bos = vocabulary.id("bos", defaults.bos());
        this.eos = vocabulary.id("eos", defaults.eos());
        int named = vocabulary.id("eot", -1);
        this.eot = named >= 0 ? named : EndTokens.turn(tokens::id);
        this.ends = EndTokens.all(tokens::id, eos, eot, vocabulary.id("eom", -1));
        int sep = vocabulary.id("sep", defaults.sep());
        boolean addsBos = vocabulary.flag("add_bos_token", defaults.addBos());
        boolean addsEos = vocabulary.flag("add_eos_token", defaults.addEos());
        boolean addsSep = vocabulary.flag("add_sep_token", defaults.addSep());
        this.before = addsBos && bos >= 0 ? new int[] {bos} : new int[0];
        this.behind = addsEos && eos >= 0 ? new int[] {eos} : addsSep && sep >= 0 ? new int[] {sep} : new int[0];
        this.dropsFirstSpace = defaults.spacePrefix();
        this.control = new boolean[tokens.size()];
        this.special = new SpecialTokens(tokens.size());
        for (int id = 0; id < control.length; id++) {
            int type = vocabulary.types()[id];
            control[id] = type == GgufVocabulary.CONTROL || type == GgufVocabulary.UNKNOWN;
            if (control[id] || type == GgufVocabulary.USER_DEFINED) {
                special.add(id, vocabulary.tokens()[id], !control[id]);
            }
        }
        for (int id : ends) {
            control[id] = true;
            special.add(id, vocabulary.tokens()[id], false);
        }
        setStripping();
    }

    /** GGUF does not say which special tokens take the white space around them; these models have such. */
    private void setStripping() {
        String pre = vocabulary.pre();
        String name = vocabulary.modelName();
        if (pre.contains("jina-v2-de")
                || pre.contains("jina-v2-es")
                || pre.contains("jina-v2-code")
                || vocabulary.architecture().contains("nomic-bert-moe")
                || vocabulary.architecture().contains("jina-bert-v3")) {
            stripLeft("<mask>");
        } else if (name.contains("modern-bert")) {
            stripLeft("[MASK]");
        } else if (name.contains("phi-3") || name.contains("phi3")) {
            for (int id = 0; id < control.length; id++) {
                String text = vocabulary.tokens()[id];
                if (special.contains(id)
                        && !text.equals("<unk>")
                        && !text.equals("<s>")
                        && !text.equals("<|endoftext|>")) {
                    special.strip(id, false, true);
                }
            }
        }
    }

    private void stripLeft(String token) {
        int id = tokens.id(token);
        if (id >= 0) {
            special.strip(id, true, false);
        }
    }

    /** Appends the ids of a text without special tokens; {@code fresh}: a special token or nothing is before it. */
    abstract void encodeText(String text, boolean fresh, IntList ids);

    /** Appends the bytes of a token that is neither special nor user-defined. */
    abstract void decodeToken(String token, int type, ByteArrayOutputStream bytes);

    @Override
    public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
        String wellFormed = Characters.wellFormed(text);
        IntList ids = new IntList(wellFormed.length() / 3);
        if (addSpecial) {
            ids.addAll(before);
        }
        boolean fresh = true;
        for (SpecialTokens.Fragment fragment : special.split(wellFormed, parseSpecial)) {
            if (fragment.id() >= 0) {
                ids.add(fragment.id());
                fresh = true;
            } else {
                encodeText(wellFormed.substring(fragment.from(), fragment.to()), fresh, ids);
                fresh = false;
            }
        }
        if (addSpecial) {
            ids.addAll(behind);
        }
        return ids.toArray();
    }

    @Override
    public String decode(int[] ids, boolean keepSpecial) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(ids.length * 5);
        boolean first = true;
        for (int id : ids) {
            String token = tokenText(id);
            int type = vocabulary.types()[id];
            if (control[id]) {
                if (keepSpecial) {
                    bytes.writeBytes(token.getBytes(StandardCharsets.UTF_8));
                    first = false;
                }
            } else if (type == GgufVocabulary.USER_DEFINED) {
                bytes.writeBytes(token.getBytes(StandardCharsets.UTF_8));
                first = false;
            } else {
                boolean drops = first && dropsFirstSpace && !token.isEmpty() && token.charAt(0) == SPACE_MARK;
                decodeToken(drops ? token.substring(1) : token, type, bytes);
                first = false;
            }
        }
        return Utf8.decode(bytes.toByteArray());
    }

    /** Appends a token in which U+2581 stands for a space, or one that stands for a byte. */
    static void decodeMarked(String token, int type, ByteArrayOutputStream bytes) {
        int value = type == GgufVocabulary.BYTE ? ByteTokens.value(token) : -1;
        if (value >= 0) {
            bytes.write(value);
        } else {
            bytes.writeBytes(token.replace(SPACE_MARK, ' ').getBytes(StandardCharsets.UTF_8));
        }
    }

    /** The ids of the 256 tokens that stand for bytes; -1 where there is none. */
    final int[] byteTokens() {
        int[] ids = new int[256];
        for (int value = 0; value < 256; value++) {
            ids[value] = tokens.id(ByteTokens.text(value));
            if (ids[value] < 0 && value < 128) {
                ids[value] = tokens.id(Character.toString(value));
            }
        }
        return ids;
    }

    @Override
    public int vocabularySize() {
        return vocabulary.tokens().length;
    }

    @Override
    public String tokenText(int id) {
        if (id < 0 || id >= vocabulary.tokens().length) {
            throw new IllegalArgumentException(
                    "token id " + id + " is not in the vocabulary of " + vocabulary.tokens().length);
        }
        return vocabulary.tokens()[id];
    }

    @Override
    public OptionalInt idOf(String tokenText) {
        return optional(tokens.id(tokenText));
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
        return control[id];
    }

    /** An exception that names the file. */
    final InvalidInputException damaged(String problem) {
        return new InvalidInputException(
                vocabulary.place() + ": " + problem + "; convert the checkpoint to GGUF again");
    }

    private static OptionalInt optional(int id) {
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }
}
