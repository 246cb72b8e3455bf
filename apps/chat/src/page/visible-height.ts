/**
 * Keeps `--visible-height` at the height that is to be seen. `dvh` says the same where the keyboard
 * makes the page smaller; on iOS it lies over the page instead, and only this knows of it.
 */
export function followVisibleHeight(): void {
  const { visualViewport: viewport } = globalThis;
  viewport?.addEventListener('resize', () => {
    // Somebody has zoomed in: they want less of the page, not a smaller page.
    if (viewport.scale > 1) return;
    document.documentElement.style.setProperty('--visible-height', `${viewport.height}px`);
    // iOS scrolls the page to show the field; as it fits now, it can stay where it was.
    globalThis.scrollTo(0, 0);
  });
}
