/** The two parts of a weight's name, `layer/variable`. */

/** `stem_conv` of `stem_conv/kernel`; empty where there is no layer. */
export const layerOfWeight = (name: string): string => name.slice(0, Math.max(name.lastIndexOf("/"), 0));

/** `kernel` of `stem_conv/kernel`. */
export const variableOfWeight = (name: string): string => name.slice(name.lastIndexOf("/") + 1);
