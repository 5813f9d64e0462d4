export function findPythonProgram(
  root: string,
  name: string,
): { readonly folder: string; readonly python: string; readonly home: string } | undefined;
