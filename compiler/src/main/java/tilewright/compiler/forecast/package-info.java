/** What a model whose experts are on storage will do within a memory budget, predicted before it runs. */
package tilewright.compiler.forecast;
