/** The sentences of a language by dotted key; vite.config.ts makes them of locales/. */
declare module "virtual:sentences/*" {
  const sentences: Readonly<Record<string, string>>;
  export default sentences;
}
