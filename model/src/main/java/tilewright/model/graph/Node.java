package tilewright.model.graph;

import java.util.List;

/**
 * One application of an operator.
 *
 * @param name unique among nodes; equal to the output's name when there is one output
 * @param op the operator
 * @param inputs names of values or parameters, in the operator's order
 * @param outputs names of the values it makes
 */
public record Node(String name, Op op, List<String> inputs, List<String> outputs) {
    /** Copies the lists. */
    public Node {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /** The only output; throws when there are several. */
    public String output() {
        if (outputs.size() != 1) {
            throw new InvalidGraphException("node '" + name + "' has " + outputs.size() + " outputs, expected 1");
        }
        return outputs.getFirst();
    }

    /** This node with other inputs. */
    public Node withInputs(List<String> replaced) {
        return new Node(name, op, replaced, outputs);
    }

    /** This node with another operator. */
    public Node withOp(Op replaced) {
        return new Node(name, replaced, inputs, outputs);
    }
}
