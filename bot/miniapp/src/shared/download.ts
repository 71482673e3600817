const KEPT_MILLISECONDS = 60_000; // some browsers read the file only after they asked where to put it

/** Lets the reader save a file that the page made. */
export function download(file: File): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = file.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_MILLISECONDS);
}
