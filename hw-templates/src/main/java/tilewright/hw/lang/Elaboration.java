package tilewright.hw.lang;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import tilewright.hw.lang.check.Checks;
import tilewright.hw.lang.design.Design;
import tilewright.hw.lang.design.Finding;

/** Makes a {@link Design} of a component; {@link Phase} lists the steps. */
public final class Elaboration {
    private final Problems problems = new Problems();

    private Elaboration() {}

    /**
     * The design whose top the factory makes: {@code Elaboration.of(Counter::new)}.
     *
     * @throws InvalidDesignException with one line for each thing that is wrong
     */
    public static Design of(Supplier<? extends Component> factory) {
        return new Elaboration().run(factory);
    }

    private Design run(Supplier<? extends Component> factory) {
        Design design = null;
        ModuleBuilder top = null;
        for (Phase phase : Phase.values()) {
            switch (phase) {
                case CONSTRUCT -> top = ModuleBuilder.construct(null, problems, factory).builder;
                case NAME -> Naming.name(top, problems);
                case MERGE -> {
                    Merging.merge(top, problems);
                    MemoryRules.check(top, problems);
                }
                case LOWER -> design = new Lowering(problems).design(top);
                case CHECK -> design = check(design);
            }
            if (!problems.isEmpty() && phase != Phase.CONSTRUCT) {
                throw new InvalidDesignException(problems.findings());
            }
        }
        return design;
    }

    private static Design check(Design design) {
        List<Finding> errors = new ArrayList<>();
        List<Finding> warnings = new ArrayList<>();
        for (Finding finding : Checks.of(design)) {
            (finding.rule().isWarning() ? warnings : errors).add(finding);
        }
        if (!errors.isEmpty()) {
            throw new InvalidDesignException(errors);
        }
        return new Design(design.modules(), List.copyOf(warnings));
    }
}
