package tilewright.model.family;

/** One kind of model: how its configuration and tensor names become a graph. */
public interface Family {
    /** The {@code model_type} in {@code config.json} that this family reads. */
    String modelType();

    /**
     * Builds the graph; every size in the configuration and every tensor's shape is checked, no tensor is loaded.
     *
     * @throws tilewright.model.InvalidInputException when the configuration or a tensor is missing, wrong or inconsistent
     */
    BuiltModel build(ModelConfig config, Weights weights);
}
