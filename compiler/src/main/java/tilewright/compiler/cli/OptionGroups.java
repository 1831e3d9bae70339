package tilewright.compiler.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The options of a command's help under headings, so that a reader sees which belong together. */
final class OptionGroups {
    /** The heading of options that no group names. */
    private static final String OTHERS = "And";

    private final Map<String, Predicate<OptionSpec>> groups = new LinkedHashMap<>();

    /** Adds a group of options by their longest names. */
    OptionGroups named(String heading, String... names) {
        Set<String> wanted = Set.of(names);
        groups.put(heading, option -> wanted.contains(option.longestName()));
        return this;
    }

    /** Adds a group of the options of mixins and what these mix in; those in an earlier group stay there. */
    OptionGroups of(String heading, CommandSpec... mixins) {
        List<CommandSpec> own = List.of(mixins);
        groups.put(
                heading,
                option -> own.stream().anyMatch(mixin -> mixin.optionsMap().containsKey(option.longestName())));
        return this;
    }

    /** Shows the options of this command so. */
    void showIn(CommandLine command) {
        command.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, this::text);
    }

    private String text(Help help) {
        List<OptionSpec> left = new ArrayList<>(help.commandSpec().options());
        StringBuilder text = new StringBuilder();
        groups.forEach((heading, belongs) -> {
            List<OptionSpec> group = left.stream().filter(belongs).toList();
            left.removeAll(group);
            append(text, help, heading, group);
        });
        append(text, help, OTHERS, left);
        return text.toString();
    }

    private static void append(StringBuilder text, Help help, String heading, List<OptionSpec> options) {
        if (options.isEmpty()) {
            return;
        }
        Help.Layout layout = help.createDefaultLayout(options, List.of(), help.colorScheme());
        layout.addAllOptions(
                options.stream().sorted(help.createDefaultOptionSort()).toList(), help.parameterLabelRenderer());
        text.append(System.lineSeparator())
                .append(heading)
                .append(':')
                .append(System.lineSeparator())
                .append(layout);
    }
}
