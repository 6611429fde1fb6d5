/** `'2.36'`; undefined where it is another C library. */
export function glibcVersion(): string | undefined {
  try {
    // The report would look up the names of all its connections otherwise.
    const report = process.report as { excludeNetwork?: boolean; getReport(): unknown };
    report.excludeNetwork = true;
    const { header } = report.getReport() as { header: { glibcVersionRuntime?: string } };
    return header.glibcVersionRuntime;
  } catch {
    return undefined;
  }
}
