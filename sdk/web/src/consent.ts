// What the visitor allows, per purpose. The decision itself is all that is kept of
// somebody who said no.

import type { World } from './world';

export interface Purposes {
  /** Collecting what happens in the page. */
  analytics: boolean;
  /** Knowing the click of an advertisement, and the same person on another site. */
  marketing: boolean;
}

const NAME = 'siyu_consent';
const YEAR_SECONDS = 365 * 86_400;

export class Consent {
  private decided: Purposes | null = null;
  private text: string | null = null;

  constructor(
    private world: World,
    /** Nothing is stored or sent before a decision. */
    private required: boolean,
    /** A wish stated by the browser counts until there is a decision. */
    private signals: boolean,
  ) {}

  /** Null: not decided, and a decision is needed. */
  get now(): Purposes | null {
    const decided = this.read();
    if (decided) return decided;
    const { gpc, dnt } = this.world.page();
    if (this.signals && dnt) return { analytics: false, marketing: false };
    if (this.required) return null;
    return { analytics: true, marketing: !(this.signals && gpc) };
  }

  get analytics(): boolean {
    return this.now?.analytics ?? false;
  }

  get marketing(): boolean {
    return this.now?.marketing ?? false;
  }

  /** Whether this is another decision than before. */
  decide(purposes: Purposes): boolean {
    const before = this.read();
    this.decided = purposes;
    this.text = `a${Number(purposes.analytics)}m${Number(purposes.marketing)}`;
    this.world.setCookie(NAME, this.text, YEAR_SECONDS);
    this.world.storage?.set(NAME, this.text);
    return before?.analytics !== purposes.analytics || before.marketing !== purposes.marketing;
  }

  /** Read each time: another tab, or a sister site of the domain, may decide. */
  private read(): Purposes | null {
    const text = this.world.getCookie(NAME) ?? this.world.storage?.get(NAME) ?? this.text;
    if (text !== this.text) {
      this.text = text;
      const [, analytics, marketing] = /^a([01])m([01])$/.exec(text ?? '') ?? [];
      this.decided = analytics ? { analytics: analytics === '1', marketing: marketing === '1' } : null;
    }
    return this.decided;
  }
}
