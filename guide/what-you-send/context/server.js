import express from 'express';
import admin from './admin/index.js';

const app = express();
app.get('/', (request, response) => response.send('hello'));
app.use('/admin', admin);
app.listen(3000);
