package tilewright.compiler.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tilewright.compiler.cli.language.ModelKind;
import tilewright.compiler.cli.language.TokenIds;
import tilewright.model.tokenizer.Tokenizer;
import tilewright.model.tokenizer.Tokenizers;

/** {@code tilewright tokenize}: the ids of a text. */
@Command(name = "tokenize", description = "Prints the tokens of a text, one per line: id and spelling.")
final class TokenizeCommand implements Callable<Integer> {
    private final Console console;

    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "MODEL", description = "Folder with tokenizer.json, or a .gguf file.")
    private Path path;

    @Option(names = "--text", paramLabel = "TEXT", description = "The text.")
    private String text;

    @Option(names = "--file", paramLabel = "FILE", description = "A file with the text, in UTF-8.")
    private Path file;

    @Option(names = "--no-special", description = "Add no tokens around the text, such as one that begins a sequence.")
    private boolean noSpecial;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    TokenizeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if ((text == null) == (file == null)) {
            throw new ParameterException(spec.commandLine(), "give either --text TEXT or --file FILE");
        }
        ModelKind.requireNoBuild(path);
        Tokenizer tokenizer = Tokenizers.load(path);
        int[] ids = tokenizer.encode(file == null ? text : TokenIds.text(file), !noSpecial);
        if (json) {
            ObjectNode answer = Console.object();
            answer.put("model", path.toString());
            answer.put("count", ids.length);
            ArrayNode numbers = answer.putArray("ids");
            ArrayNode spellings = answer.putArray("tokens");
            for (int id : ids) {
                numbers.add(id);
                spellings.add(tokenizer.tokenText(id));
            }
            console.json(answer);
        } else {
            for (int id : ids) {
                console.line("%7d  %s", id, tokenizer.tokenText(id).replace("\n", "\\n"));
            }
        }
        return 0;
    }
}
