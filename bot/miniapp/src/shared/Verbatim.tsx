/** Text to be read letter by letter: a command, a signed note. */
export function Verbatim({ text }: { readonly text: string }) {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, by the keyboard too (WCAG 2.1.1)
  return <pre tabIndex={0}>{text}</pre>;
}
