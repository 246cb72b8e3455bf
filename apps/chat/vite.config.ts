import { pageConfig } from '@heddle/app-kit/page-config';

/** Two documents: `/` and `/r/<room>`. */
export default pageConfig('index.html', 'room.html');
