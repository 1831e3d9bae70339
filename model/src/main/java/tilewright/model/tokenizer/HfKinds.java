package tilewright.model.tokenizer;

import java.util.List;
import tilewright.model.InvalidInputException;
import tilewright.model.tensor.NearestName;

/** Refuses a part of a tokenizer whose kind is not known. */
final class HfKinds {
    private HfKinds() {}

    static InvalidInputException unknown(JsonValue json, List<String> known) {
        String type = json.get("type").text();
        return json.get("type")
                .failure("is " + InvalidInputException.quoted(type) + ", expected one of " + String.join(", ", known)
                        + NearestName.hint(type, known));
    }
}
