export const comparePage = async (..._: unknown[]): Promise<string> => "";
