type Content = Node | string | number;

/** A new element. Whatever the process says gets in as text only, never as markup. */
export function element(tag: string, className: string, ...content: Content[]): HTMLElement {
  const made = document.createElement(tag);
  if (className !== '') made.className = className;
  made.append(...content.map((one) => (typeof one === 'number' ? String(one) : one)));
  return made;
}

export function cell(className: string, ...content: Content[]): HTMLElement {
  return element('td', className, ...content);
}

/** The element of the page that has this id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element ${id}.`);
  return found;
}

/** Replaces the rows of a table. */
export function fillTable(id: string, rows: readonly (readonly HTMLElement[])[]): void {
  const body = byId(id).querySelector('tbody');
  body?.replaceChildren(...rows.map((cells) => element('tr', '', ...cells)));
}
