package tilewright.tests;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The module graph: tests -> compiler -> {sim -> hw-templates, runtime-edge -> model, boards}. */
class ArchitectureTest {
    /** What each module may use of the others, by the package that names the module. */
    private static final Map<String, List<String>> MAY_USE = Map.of(
            "boards", List.of(),
            "model", List.of(),
            "edge", List.of("model"),
            "hw", List.of(),
            "sim", List.of("hw"),
            "compiler", List.of("boards", "model", "edge", "hw", "sim"));

    private static JavaClasses classes;

    @BeforeAll
    static void readClasses() {
        classes = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .withImportOption(location -> !location.contains("/tests/target/"))
                .importPackages("tilewright");
    }

    @Test
    void everyClassBelongsToAModule() {
        Set<String> modules = classes.stream()
                .map(each -> each.getPackageName().split("\\.")[1])
                .collect(Collectors.toCollection(TreeSet::new));

        assertEquals(new TreeSet<>(MAY_USE.keySet()), modules);
    }

    @ParameterizedTest
    @ValueSource(strings = {"boards", "model", "edge", "hw", "sim", "compiler"})
    void modulesUseOnlyWhatIsBelowThem(String module) {
        String[] forbidden = MAY_USE.keySet().stream()
                .filter(other -> !other.equals(module) && !MAY_USE.get(module).contains(other))
                .map(other -> "tilewright." + other + "..")
                .toArray(String[]::new);
        if (forbidden.length > 0) {
            noClasses()
                    .that()
                    .resideInAPackage("tilewright." + module + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(forbidden)
                    .check(classes);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"model", "edge", "hw", "compiler"})
    void packagesOfAModuleHaveNoCycles(String module) {
        slices().matching("tilewright." + module + ".(*)..")
                .should()
                .beFreeOfCycles()
                .check(classes);
    }

    @Test
    void onlyTheCommandLinePrintsAndEndsTheProcess() {
        noClasses()
                .that()
                .resideOutsideOfPackage("tilewright.compiler.cli")
                .should()
                .accessField(System.class, "out")
                .orShould()
                .accessField(System.class, "err")
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .check(classes);
    }

    @Test
    void nothingElseUsesTheCommandLine() {
        classes()
                .that()
                .resideInAPackage("tilewright.compiler.cli")
                .should()
                .onlyHaveDependentClassesThat()
                .resideInAPackage("tilewright.compiler.cli")
                .check(classes);
    }

    @Test
    void noClassIsADumpingGround() {
        // An AXI manager is that standard's own term.
        noClasses()
                .should()
                .haveNameMatching(".*(Utils?|Helpers?|(?<!Axi)Manager|Common)")
                .check(classes);
    }
}
