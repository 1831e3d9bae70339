package tilewright.compiler.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tilewright.compiler.Version;

/** The root of the command line; it does nothing without a command. */
@Command(
        name = "tilewright",
        description = "Compiles Mixture-of-Experts models to FPGA boards and proves the result; runs language models.",
        versionProvider = Tilewright.VersionText.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Exit codes: 0 done, 1 failed, 2 misuse, 130 interrupted.",
            "Completion: source <(tilewright generate-completion)"
        })
final class Tilewright implements Runnable {
    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Prints this help.")
    private boolean help;

    @Option(
            names = {"-V", "--version"},
            versionHelp = true,
            description = "Prints the version.")
    private boolean version;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given");
    }

    /** What {@code --version} prints. */
    static final class VersionText implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {
                "tilewright " + Version.current() + " (Java "
                        + Runtime.version().feature() + ")"
            };
        }
    }
}
