/** The editor of a statement. Loaded on demand: nobody else needs it. */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type Completion, type CompletionContext } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { PostgreSQL, sql } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { EditorState } from "@codemirror/state";
import { EditorView, highlightActiveLine, keymap, lineNumbers, placeholder } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { useEffect, useImperativeHandle, useRef, type Ref } from "react";
import type { SqlSchema } from "../../api/types";
import { suggest } from "./statement";

export interface EditorHandle {
  /** Puts the cursor there and shows it. */
  goTo: (line: number, column: number) => void;
  /** Puts a text where the cursor is. */
  insert: (text: string) => void;
}

interface EditorProps {
  text: string;
  onChange: (text: string) => void;
  onRun: () => void;
  schema: SqlSchema | undefined;
  label: string;
  hint: string;
  ref?: Ref<EditorHandle>;
}

const COLOURS = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--brand-text)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--success)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--info)" },
  { tag: [tags.comment], color: "var(--text-3)", fontStyle: "italic" },
  { tag: [tags.typeName, tags.standard(tags.name)], color: "var(--warning)" },
]);

const LOOK = EditorView.theme({
  "&": { fontSize: "13px", backgroundColor: "var(--surface)", color: "var(--text)", minHeight: "160px", maxHeight: "46vh" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6", overflow: "auto" },
  ".cm-content": { caretColor: "var(--text)", padding: "10px 0", minHeight: "160px" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--text-3)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--sunken)" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-placeholder": { color: "var(--text-3)" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground, ::selection": { backgroundColor: "var(--brand-soft) !important" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--text)", border: "1px solid var(--line-strong)", borderRadius: "6px", overflow: "hidden" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--brand-soft)", color: "var(--brand-text)" },
  ".cm-completionDetail": { color: "var(--text-3)", fontStyle: "normal" },
  ".cm-matchingBracket": { backgroundColor: "var(--brand-soft) !important", outline: "1px solid var(--brand)" },
});

const ICONS = { table: "class", column: "property", event: "enum", function: "function", keyword: "keyword" } as const;

export default function Editor({ text, onChange, onRun, schema, label, hint, ref }: EditorProps) {
  const box = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  // What the editor calls is what the page wants now.
  const now = useRef({ onChange, onRun, schema });
  const first = useRef(text);

  useEffect(() => {
    now.current = { onChange, onRun, schema };
  }, [onChange, onRun, schema]);

  useEffect(() => {
    if (!box.current) return;
    const complete = (context: CompletionContext) => {
      const known = now.current.schema;
      const found = known && suggest(context.state.doc.toString(), context.pos, known);
      if (!found || (found.from === context.pos && !context.explicit && !/[.'\s]$/.test(context.state.doc.sliceString(0, context.pos)))) return null;
      return { from: found.from, options: found.options.map((option): Completion => ({ label: option.label, apply: option.apply, type: ICONS[option.kind], detail: option.detail })), validFor: /^[\w$\u4e00-\u9fff]*$/ };
    };
    const made = new EditorView({
      parent: box.current,
      state: EditorState.create({
        doc: first.current,
        extensions: [
          keymap.of([{ key: "Mod-Enter", run: () => (now.current.onRun(), true) }]),
          lineNumbers(), history(), bracketMatching(), closeBrackets(), highlightActiveLine(), placeholder(hint),
          sql({ dialect: PostgreSQL }),
          autocompletion({ override: [complete], icons: false }),
          keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap]),
          syntaxHighlighting(COLOURS), LOOK, EditorView.lineWrapping,
          EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", autocapitalize: "off" }),
          EditorView.updateListener.of((update) => update.docChanged && now.current.onChange(update.state.doc.toString())),
        ],
      }),
    });
    view.current = made;
    return () => {
      made.destroy();
      view.current = null;
    };
  }, [label, hint]);

  // A text from elsewhere, such as a saved statement that was opened.
  useEffect(() => {
    const shown = view.current;
    first.current = text;
    if (!shown || shown.state.doc.toString() === text) return;
    shown.dispatch({ changes: { from: 0, to: shown.state.doc.length, insert: text } });
  }, [text]);

  useImperativeHandle(ref, () => ({
    goTo: (line, column) => {
      const shown = view.current;
      if (!shown) return;
      const found = shown.state.doc.line(Math.min(Math.max(line, 1), shown.state.doc.lines));
      const at = Math.min(found.from + Math.max(column - 1, 0), found.to);
      shown.dispatch({ selection: { anchor: at }, scrollIntoView: true });
      shown.focus();
    },
    insert: (piece) => {
      const shown = view.current;
      if (!shown) return;
      shown.dispatch(shown.state.replaceSelection(piece));
      shown.focus();
    },
  }));

  return <div ref={box} className="sql-editor" />;
}
