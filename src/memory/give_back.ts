/** Everything that gives memory back to the system at once, for a moment in which nobody waits: after a start, and at rest. */
import { openReleaseFilePages } from "./file_pages.ts";
import { collectGarbage } from "./garbage.ts";
import { openTrimMemory, type TrimMemory } from "./memory_trim.ts";

export interface GiveBack {
  /** What the allocators keep. Returns at once and works beside the event loop; null where the C library cannot. */
  readonly trim: TrimMemory | null;
  /** That, and pages of files that only starting has touched. Returns at once, too. */
  readonly native: () => void;
  /** Collects everything first, which holds the event loop for some 30 ms. */
  readonly all: () => void;
}

export function openGiveBack(): GiveBack {
  const trim = openTrimMemory();
  const releaseFilePages = openReleaseFilePages();
  const native = () => {
    trim?.();
    void releaseFilePages?.();
  };
  return {
    trim,
    native,
    all() {
      collectGarbage("major");
      native();
    },
  };
}
