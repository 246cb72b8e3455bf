import { byId } from '@heddle/app-kit/page/element';

const SHOWN_MS = 2_000;

/** The button that copies the room's address. Without a clipboard (plain HTTP) it is not there. */
export function wireCopyLink(): void {
  const button = byId('copy-link', HTMLButtonElement);
  const label = byId('copy-link-text', HTMLElement);
  const { clipboard } = navigator as { clipboard?: Clipboard };
  button.hidden = clipboard === undefined;
  button.addEventListener('click', async () => {
    const copied = await clipboard?.writeText(location.href).then(
      () => true,
      () => false,
    );
    label.textContent = copied === true ? 'Copied' : 'Not allowed';
    setTimeout(() => {
      label.textContent = 'Copy link';
    }, SHOWN_MS);
  });
}
