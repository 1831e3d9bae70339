package tilewright.compiler.report;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.helpers.DefaultHandler;

/** A report as a reader of XML sees it. */
final class Page {
    private final Document document;

    private Page(Document document) {
        this.document = document;
    }

    /** Parses a page; fails when it is not well-formed. */
    static Page parse(String html) {
        try {
            DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
            builder.setErrorHandler(new DefaultHandler());
            return new Page(builder.parse(new InputSource(new StringReader(html))));
        } catch (ParserConfigurationException | SAXException | IOException e) {
            throw new AssertionError("not well-formed: " + e.getMessage(), e);
        }
    }

    static Page of(ReportData data) {
        return parse(HtmlReport.render(data));
    }

    /** Elements of a name, in order; all with {@code *}. */
    List<Element> elements(String name) {
        return list(document.getElementsByTagName(name));
    }

    /** Elements of one section with a class. */
    List<Element> inSection(String id, String style) {
        Element section = elements("section").stream()
                .filter(element -> element.getAttribute("id").equals(id))
                .findFirst()
                .orElseThrow();
        Pattern word = Pattern.compile("(^|\\s)" + style + "(\\s|$)");
        return list(section.getElementsByTagName("*")).stream()
                .filter(element -> word.matcher(element.getAttribute("class")).find())
                .toList();
    }

    /** Text of a section with plain spaces. */
    String section(String id) {
        return elements("section").stream()
                .filter(element -> element.getAttribute("id").equals(id))
                .map(element -> plain(element.getTextContent()))
                .findFirst()
                .orElseThrow();
    }

    /** All text of the body with plain spaces and ungrouped digits. */
    String text() {
        return plain(elements("body").getFirst().getTextContent());
    }

    private static String plain(String text) {
        return text.replace("\u202F", "").replace('\u00A0', ' ');
    }

    private static List<Element> list(NodeList nodes) {
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }
}
