import { pageConfig } from '@heddle/app-kit/page-config';

export default pageConfig('index.html');
