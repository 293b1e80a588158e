"""What runs inside the reader process. Nothing else imports these modules: they import dissect."""
