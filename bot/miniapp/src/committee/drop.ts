/** Files that are dropped on the page. */

import { useEffect, useRef } from "preact/hooks";

/** Files may be dropped anywhere on the page; else the browser would leave it for the file. */
export function useDrop(take: (files: readonly File[], folders: readonly string[]) => Promise<void>): void {
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    const over = (event: DragEvent): void => event.preventDefault();
    const drop = (event: DragEvent): void => {
      event.preventDefault();
      const entries = [...(event.dataTransfer?.items ?? [])].map((dropped) => dropped.webkitGetAsEntry());
      const folders = entries.flatMap((entry) => (entry?.isDirectory ? [entry.name] : []));
      const files = [...(event.dataTransfer?.files ?? [])].filter(({ name }) => !folders.includes(name));
      if (files.length + folders.length > 0) void latest.current(files, folders);
    };
    addEventListener("dragover", over);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("drop", drop);
    };
  }, []);
}
