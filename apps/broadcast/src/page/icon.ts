const NAMESPACE = 'http://www.w3.org/2000/svg';

/** Lines on a field of 24 by 24. */
const paths = {
  up: 'M12 19V6M6.5 11.5 12 6l5.5 5.5',
  down: 'M12 5v13M6.5 12.5 12 18l5.5-5.5',
  done: 'M5.5 12.5 10 17l8.5-9.5',
  wrong: 'M12 5v8.5M12 18.2v.3',
  stopped: 'M7 7l10 10M17 7 7 17',
  waiting: 'M12 4.5v7.7l4.8 2.9',
} as const;

/** What an icon shows. */
export type IconName = keyof typeof paths;

/** Draws an icon, which says nothing that is not said in words beside it. */
export function icon(name: IconName): SVGSVGElement {
  const svg = document.createElementNS(NAMESPACE, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(NAMESPACE, 'path');
  path.setAttribute('d', paths[name]);
  svg.append(path);
  return svg;
}
