/** A drawing that works in a page and as a file of its own. */

export interface Chart {
  /** Of the file, without `.svg`. */
  readonly name: string;
  readonly title: string;
  /** Well-formed XML, with its own colours, light and dark. */
  readonly svg: string;
  /** One or two sentences, with the numbers. */
  readonly alt: string;
}
