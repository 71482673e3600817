declare module "*.toml" {
  const content: { readonly [key: string]: string | typeof content };
  export default content;
}
