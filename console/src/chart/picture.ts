/** A picture of what is on screen, with what one must know to read it written above it. */
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

/** Controls are for the screen; in a picture they are noise. */
function belongs(node: Node): boolean {
  return !(node instanceof Element && (node.classList.contains("panel-extra") || node.classList.contains("no-picture")));
}

/** As PNG, for the browser to keep. */
export async function pictureOf(element: HTMLElement, caption: Caption, mode: Mode): Promise<Blob> {
  const t = TOKENS[mode];
  const drawn = await toCanvas(element, { pixelRatio: SCALE, backgroundColor: t.surface, filter: belongs, skipFonts: true });
  const head = EDGE + TITLE_SIZE + 8 + caption.lines.length * LINE_HEIGHT + EDGE / 2;
  const canvas = document.createElement("canvas");
  canvas.width = drawn.width + 2 * EDGE * SCALE;
  canvas.height = drawn.height + (head + EDGE) * SCALE;
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
