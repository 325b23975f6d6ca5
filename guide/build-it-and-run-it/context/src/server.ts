import express from 'express';

const app = express();
app.get('/', (request, response) => {
  response.send('hello');
});
app.listen(Number(process.env.PORT ?? 3000));
