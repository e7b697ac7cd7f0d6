/** A picture of what is on screen, with what one must know to read it written above it, and what happened on days below. */
import { toCanvas } from "html-to-image";
import { FONT, TOKENS, type Mode } from "../ui/tokens";

export interface Caption {
  title: string;
  /** Range, as of, zone. */
  lines: string[];
}

const SCALE = 2;
const EDGE = 20;
const TITLE_SIZE = 18;
const LINE_SIZE = 12;
const LINE_HEIGHT = 20;
/** What happened on days, below; a picture is no list. */
const NOTES_MAX = 12;

/** Controls are for the screen; in a picture they are noise. */
function belongs(node: Node): boolean {
  return !(node instanceof Element && (node.classList.contains("panel-extra") || node.classList.contains("no-picture")));
}

/** What the charts in it say of days. In a picture nobody can point at a flag. */
export function notesIn(element: HTMLElement): string[] {
  const all = [...element.querySelectorAll<HTMLElement>("[data-note]")].map((one) => one.dataset.note ?? "");
  const days = [...new Set(all)].toSorted();
  return days.length <= NOTES_MAX ? days : [...days.slice(0, NOTES_MAX), "…"];
}

/** Texts in rows no wider than there is room for; one that is too long has a row of its own, drawn narrower. */
export function inRows(texts: string[], room: number, widthOf: (text: string) => number): string[] {
  const rows: string[] = [];
  for (const text of texts) {
    const joined = rows.length > 0 ? `${rows.at(-1)}    ${text}` : text;
    if (rows.length > 0 && widthOf(joined) <= room) rows[rows.length - 1] = joined;
    else rows.push(text);
  }
  return rows;
}

/** As PNG, for the browser to keep. */
export async function pictureOf(element: HTMLElement, caption: Caption, mode: Mode): Promise<Blob> {
  const t = TOKENS[mode];
  const drawn = await toCanvas(element, { pixelRatio: SCALE, backgroundColor: t.surface, filter: belongs, skipFonts: true });
  const room = drawn.width / SCALE;
  const measure = document.createElement("canvas").getContext("2d");
  if (!measure) throw new Error("no canvas to draw on");
  measure.font = `400 ${LINE_SIZE}px ${FONT}`;
  const notes = inRows(notesIn(element).map((note) => `⚑ ${note}`), room, (text) => measure.measureText(text).width);
  const foot = notes.length === 0 ? 0 : EDGE / 2 + notes.length * LINE_HEIGHT;
  const head = EDGE + TITLE_SIZE + 8 + caption.lines.length * LINE_HEIGHT + EDGE / 2;
  const canvas = document.createElement("canvas");
  canvas.width = drawn.width + 2 * EDGE * SCALE;
  canvas.height = drawn.height + (head + foot + EDGE) * SCALE;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas to draw on");
  pen.fillStyle = t.surface;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(drawn, EDGE * SCALE, head * SCALE);
  pen.scale(SCALE, SCALE);
  const width = canvas.width / SCALE - 2 * EDGE;
  pen.textBaseline = "top";
  pen.fillStyle = t.text;
  pen.font = `600 ${TITLE_SIZE}px ${FONT}`;
  pen.fillText(caption.title, EDGE, EDGE, width);
  pen.fillStyle = t["text-2"];
  pen.font = `400 ${LINE_SIZE}px ${FONT}`;
  caption.lines.forEach((line, at) => pen.fillText(line, EDGE, EDGE + TITLE_SIZE + 8 + at * LINE_HEIGHT, width));
  pen.fillStyle = t.warning;
  const below = head + drawn.height / SCALE + EDGE / 2;
  notes.forEach((line, at) => pen.fillText(line, EDGE, below + at * LINE_HEIGHT, width));
  return new Promise((done, failed) => canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error("the picture is too large"))), "image/png"));
}

export function keepFile(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
