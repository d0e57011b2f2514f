DROP TABLE text_form;
