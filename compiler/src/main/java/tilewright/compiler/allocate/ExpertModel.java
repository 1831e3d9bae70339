package tilewright.compiler.allocate;

import java.util.List;
import tilewright.compiler.store.MatrixPlace;
import tilewright.model.graph.ExpertMatrix;

/** What is known about a model's experts when their bits are chosen; layers are those of experts, counted from 0. */
public interface ExpertModel {
    /** The number of layers of experts. */
    int layers();

    /** Experts of a layer. */
    int experts(int layer);

    /** The matrices of a layer's experts. */
    List<ExpertMatrix> matrices(int layer);

    /** Inputs of a matrix. */
    int inputs(int layer, ExpertMatrix matrix);

    /** Weights of a matrix of one expert. */
    long elements(int layer, ExpertMatrix matrix);

    /** The share of tokens routed to an expert, 0 to 1. */
    double frequency(int layer, int expert);

    /** The mean routing weight of the tokens routed to an expert. */
    double meanWeight(int layer, int expert);

    /** The mean over all tokens of what an expert adds to them, squared. */
    double energy(int layer, int expert);

    /** The squared error of an expert's output relative to its square when one matrix has codes of so many bits. */
    double outputError(MatrixPlace place, int bits);

    /** The loss in nats per token that quantising one matrix is predicted to cost; a sum over matrices stands for all of them. */
    double loss(MatrixPlace place, int bits);
}
