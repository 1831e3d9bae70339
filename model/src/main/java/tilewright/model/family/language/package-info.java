/**
 * Language models as data: each family is one text file that is interpreted into a graph when a model is loaded.
 *
 * <p>The way of a load: {@code FamilyLibrary} finds the file, {@code Lexer} and {@code Parser} read it, {@code Evaluator} runs
 * it over the model's configuration, {@code Assembler} collects nodes and names; {@code LanguageModels} is the door.
 */
package tilewright.model.family.language;
